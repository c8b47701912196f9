// `muster import`: reads an archive of `muster export` into an empty database.

import type { Config } from '../../config.ts';
import { type Absent, openExistingEngine } from '../../open-store.ts';
import { resources } from '../../resources/resources.ts';
import { ArchiveProblem } from '../../store/copy/archive-manifest.ts';
import { type LoadWatcher, loadArchive, OtherData } from '../../store/copy/load-archive.ts';
import { verifyArchive } from '../../store/copy/verify-archive.ts';
import { StoreUnavailable } from '../../store/errors.ts';
import { allTables } from '../../store/sql/tables.ts';
import { importFormatOf, sizeOf } from '../import-export/files/file-format.ts';
import { onlyItself } from '../only-itself.ts';
import { CommandError, type OutputOptions, printRows } from '../print.ts';
import { type Progress, progressBar } from '../progress.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { readTar } from './read-tar.ts';

export interface ImportArchiveOptions extends OutputOptions {
  readonly create?: boolean;
}

export async function importArchiveCommand(
  config: Config,
  file: string,
  { create, json }: ImportArchiveOptions,
): Promise<void> {
  assertArchive(file);
  const open = () => readTar(file);
  process.stderr.write('Verifying the archive\n');
  const manifest = await verifyArchive(open(), allTables(resources)).catch(explained(file));
  const absent: Absent = create ? 'create' : 'needs --create';
  const engine = await openExistingEngine(onlyItself(config), absent);
  const stop = stopOnSignals();
  const { watcher, end } = showing();
  try {
    const tables = await loadArchive(open, manifest, engine, resources, watcher, stop.signal);
    end();
    printRows(
      tables.map((table) => ({ ...table })),
      { ...(json && { json }) },
    );
  } catch (error) {
    end();
    if (!stop.signal.aborted) explained(file)(error);
    process.stderr.write('Stopped. To continue, run the same command again.\n');
    process.exitCode = stop.exitCode;
  } finally {
    stop.release();
    await engine.close();
  }
}

const labels = { check: 'Checking the rows', import: 'Importing' } as const;

function showing(): { watcher: LoadWatcher; end(): void } {
  let progress: Progress | undefined;
  let done = 0;
  const end = () => progress?.stop();
  return {
    end,
    watcher: {
      begin(step, rows) {
        end();
        process.stderr.write(`${labels[step]}\n`);
        progress = progressBar(rows);
        done = 0;
      },
      done(rows) {
        done += rows;
        progress?.update(done, done);
      },
    },
  };
}

function assertArchive(file: string): void {
  if (file === '-')
    throw new CommandError(
      'an archive is read several times, so it cannot come from standard input: name a file',
    );
  if (/\.(?:csv|tsv|jsonl?|ndjson)$/i.test(file))
    throw new CommandError(
      `${file} is no archive of \`muster export\`: \`muster users import\` reads ${importFormatOf(file) === 'json' ? 'JSON' : 'CSV'}`,
    );
  sizeOf(file);
}

function explained(file: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof ArchiveProblem)
      throw new CommandError(`${file} cannot be imported: ${error.message}`, { cause: error });
    if (error instanceof OtherData)
      throw new CommandError(
        `The database contains other data than the archive (${error.message}). It must be empty, or contain only what an interrupted import of this archive has written. To add the accounts to others, import the archive into a new database (--data-dir with --create), run \`muster users export --hashes\` there, and \`muster users import\` here.`,
        { cause: error },
      );
    if (error instanceof StoreUnavailable)
      throw new CommandError(`Stopped: ${error.message}. To continue, run the same command again.`, {
        cause: error,
      });
    throw error;
  };
}
