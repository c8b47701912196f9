// A periodic job: indexes the short texts of records that have changed. Searches are correct before, because they read
// these records themselves; after an import they are slow until the job has indexed them.

import type { Resource } from '../../model/resource.ts';
import type { Store, Writes } from '../../store/store.ts';
import { BatchSize } from './batch-size.ts';

/**
 * Large batches cost less for each record, but on SQLite nobody is answered during one. After an import of a million there
 * are minutes of them.
 */
const batches = { targetMs: 15, minRows: 200, maxRows: 4096, rest: 3 };

export async function hasUnindexedTexts(
  { read }: Pick<Store, 'read'>,
  resources: readonly Resource[],
): Promise<boolean> {
  for (const resource of resources.filter(indexesShortTexts))
    if (await read.records(resource).hasUnindexedTexts()) return true;
  return false;
}

/** @param onRows called with the number of records of each batch @returns the number of records */
export async function indexShortTexts(
  { write, signal }: { readonly write: Writes['write']; readonly signal: AbortSignal },
  resources: readonly Resource[],
  onRows: (rows: number) => void = () => {},
): Promise<number> {
  let count = 0;
  for (const resource of resources.filter(indexesShortTexts)) {
    const size = new BatchSize(batches);
    for (let done = -1; done !== 0 && !signal.aborted; count += done) {
      done = await size.timed((rows) => write(({ records }) => records(resource).indexTexts(rows)));
      onRows(done);
    }
  }
  return count;
}

function indexesShortTexts(resource: Resource): boolean {
  return resource.indexesShortTexts === true;
}
