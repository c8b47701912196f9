// `muster move`: copies all data to another database.

import { realpathSync } from 'node:fs';
import type { Config } from '../../config.ts';
import { databaseFile, isPostgres, openEngine, openOrCreateEngine } from '../../open-store.ts';
import { resources } from '../../resources/resources.ts';
import { settings } from '../../settings.ts';
import type { Comparison } from '../../store/copy/compare-tables.ts';
import { ForeignData, type MoveWatcher, move, type Step } from '../../store/copy/move.ts';
import { StoreUnavailable } from '../../store/errors.ts';
import type { Engine } from '../../store/sql/engine.ts';
import { onlyItself } from '../only-itself.ts';
import { CommandError, type OutputOptions, printRows } from '../print.ts';
import { type Progress, progressBar } from '../progress.ts';

export interface MoveOptions extends OutputOptions {
  /** By default the database in the settings. */
  readonly from?: string;
  readonly to: string;
}

/** @throws CommandError if the databases differ at the end */
export async function moveCommand(config: Config, { from, to, json }: MoveOptions): Promise<void> {
  const source = from === undefined ? onlyItself(config) : database(config, '--from', from);
  const target = database(config, '--to', to);
  assertDifferent(source, target);
  const reading = await openEngine(source, {}, 'existing').catch(cannotBeUsed('the source'));
  try {
    const writing = await openOrCreateEngine(target).catch(cannotBeUsed('the target'));
    try {
      const comparisons = await moveShowing(reading, writing);
      if (json) printRows(comparisons.map(inFull), { json });
      else printRows(comparisons.map(inShort), {});
      assertSame(comparisons);
    } finally {
      await writing.close();
    }
  } finally {
    await reading.close();
  }
}

const labels: Readonly<Record<Step, string>> = {
  check: 'Checking the target',
  move: 'Copying',
  compare: 'Comparing',
};

async function moveShowing(source: Engine, target: Engine): Promise<Comparison[]> {
  let progress: Progress | undefined;
  let rows = 0;
  const watcher: MoveWatcher = {
    begin(step, total) {
      progress?.stop();
      process.stderr.write(`${labels[step]}\n`);
      progress = progressBar(total);
      rows = 0;
    },
    done(more) {
      rows += more;
      progress?.update(rows, rows);
    },
  };
  try {
    return await move(source, target, resources, watcher);
  } catch (error) {
    if (error instanceof StoreUnavailable)
      throw new CommandError(
        `Stopped: ${messageOf(error.cause as Error)}. To continue, run the same command again.`,
        {
          cause: error,
        },
      );
    if (!(error instanceof ForeignData)) throw error;
    throw new CommandError(
      `The target contains other data than the source (${error.message}). It must be empty, or contain only what an interrupted move of this source has copied.`,
    );
  } finally {
    progress?.stop();
  }
}

function inShort({ table, source, target, firstDifference }: Comparison) {
  const same = firstDifference === null ? 'yes' : 'NO';
  return { table, rows: source.rows, in_target: target.rows, same, sha256: source.checksum };
}

function inFull({ table, source, target, firstDifference }: Comparison) {
  return {
    table,
    rows: source.rows,
    rows_in_target: target.rows,
    same: firstDifference === null,
    sha256: source.checksum,
    sha256_in_target: target.checksum,
  };
}

function assertSame(comparisons: readonly Comparison[]): void {
  const different = comparisons.flatMap(({ table, source, target, firstDifference }) =>
    firstDifference === null
      ? []
      : [
          `${table}: ${source.rows} rows in the source, ${target.rows} in the target; first difference: ${firstDifference.join('/')}`,
        ],
  );
  if (different.length > 0)
    throw new CommandError(
      `The target differs from the source, because something was written during the move. Stop the service, and move to an empty database.\n${different.join('\n')}`,
    );
}

/** The settings with another database. @throws CommandError that never contains the URL, because it has a password */
function database(config: Config, flag: string, url: string): Config {
  const read = settings.databaseUrl.read(url);
  if (typeof read === 'string') throw new CommandError(`${flag} ${read}`);
  return onlyItself({ ...config, databaseUrl: read.value });
}

function assertDifferent(source: Config, target: Config): void {
  if (placeOf(source) === placeOf(target))
    throw new CommandError('The source and the target are the same database');
}

function placeOf(config: Config): string {
  if (isPostgres(config)) return config.databaseUrl.replace(/^postgres(ql)?:/, '');
  const file = databaseFile(config);
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function cannotBeUsed(which: string): (cause: Error) => never {
  return (cause) => {
    throw new CommandError(`${which} cannot be used: ${messageOf(cause)}`, { cause });
  };
}

/** If every address of a host name refuses the connection, the driver's error has only a code and no message. */
function messageOf(error: Error & { code?: string }): string {
  return error.message || String(error.code);
}
