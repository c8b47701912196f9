// `muster reindex`: makes the indexes of searched texts anew, beside a running service.

import type { Config } from '../../config.ts';
import { inPlaceOf, LeaseLost } from '../../delivery/scheduler.ts';
import { textJob } from '../../jobs.ts';
import type { Resource } from '../../model/resource.ts';
import { openExistingEngine } from '../../open-store.ts';
import { indexShortTexts } from '../../resources/operations/index-short-texts.ts';
import { reindexTexts } from '../../resources/operations/reindex-texts.ts';
import { resources } from '../../resources/resources.ts';
import { indexDifferences } from '../../store/sql/compare-texts.ts';
import type { Engine } from '../../store/sql/engine.ts';
import { sqlStore } from '../../store/sql-store.ts';
import type { Store } from '../../store/store.ts';
import { onlyItself } from '../only-itself.ts';
import { CommandError, type OutputOptions, printRows } from '../print.ts';
import { progressBar } from '../progress.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

const indexed = resources.filter((resource) => resource.indexesShortTexts);

export async function reindexCommand(
  config: Config,
  tables: readonly string[],
  output: OutputOptions,
): Promise<void> {
  const chosen = named(tables);
  const engine = await openExistingEngine(onlyItself(config));
  const store = sqlStore(engine, resources);
  try {
    const done = [];
    for (const resource of chosen) {
      const rows = await reindexShowing(store, resource);
      if (rows === null) break;
      done.push({ table: resource.type, rows, trigrams: await repairTrigrams(engine, resource) });
    }
    printRows(done, output);
  } finally {
    await store.close();
  }
}

/** @throws CommandError */
function named(tables: readonly string[]): readonly Resource[] {
  const names = indexed.map(({ type }) => type);
  const unknown = tables.find((name) => !names.includes(name as never));
  if (unknown !== undefined)
    throw new CommandError(
      `${unknown} has no index of short texts; those that have one are ${names.join(', ')}`,
    );
  return tables.length === 0 ? indexed : indexed.filter(({ type }) => tables.includes(type));
}

/** @returns the number of rows; null if a signal has stopped it: then it has set the exit status */
async function reindexShowing(store: Store, resource: Resource): Promise<number | null> {
  process.stderr.write(`Indexing ${resource.type}\n`);
  const { rowCount } = await store.read.records(resource).state();
  const progress = progressBar(rowCount);
  const stop = stopOnSignals();
  let done = 0;
  const onRows = (rows: number) => {
    done += rows;
    progress.update(done, done);
  };
  try {
    await inPlaceOf(store, textJob(store), stop.signal, async (run) => {
      await reindexTexts(run, resource, onRows);
      // What was written meanwhile, or before, waits for the job.
      await indexShortTexts(run, [resource], onRows);
    });
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    throw new CommandError(
      `Stopped, because another process has changed the index of ${resource.type}. Run the same command again.`,
      { cause: error },
    );
  } finally {
    stop.release();
    progress.stop();
  }
  if (!stop.signal.aborted) return rowCount;
  process.exitCode = stop.exitCode;
  return null;
}

/**
 * SQLite's index of trigrams is made anew in one transaction, for which all writes wait: so only if it is damaged. Null if the
 * engine itself keeps the index.
 */
async function repairTrigrams(engine: Engine, resource: Resource): Promise<'intact' | 'repaired' | null> {
  const { search } = engine;
  if (search === null) return null;
  if ((await indexDifferences(engine, resource, ['trigrams'])).length === 0) return 'intact';
  await engine.write((db) => search.rebuild(db, resource.type));
  return 'repaired';
}
