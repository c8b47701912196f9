// Makes the index of short texts of a resource anew, while the job that keeps it does not run. Searches go on.

import type { Resource } from '../../model/resource.ts';
import type { Writes } from '../../store/store.ts';
import { BatchSize } from './batch-size.ts';

const batches = { targetMs: 15, minRows: 200, maxRows: 4096, rest: 1 };

/**
 * An interrupted run leaves an index that searches can use. The next run begins at the first row.
 * @param run its writes fail if another process may have changed the index since the first of them
 * @param onRows called with the number of rows of each batch
 * @returns the number of rows; null if it was stopped before the end
 */
export async function reindexTexts(
  { write, signal }: { readonly write: Writes['write']; readonly signal: AbortSignal },
  resource: Resource,
  onRows: (rows: number) => void,
): Promise<number | null> {
  const size = new BatchSize(batches);
  await write(({ records }) => records(resource).reindexing.begin());
  let count = 0;
  for (let from = 0; ; ) {
    if (signal.aborted) {
      await write(({ records }) => records(resource).reindexing.discard());
      return null;
    }
    const { next, rows } = await size.timed((ids) =>
      write(({ records }) => records(resource).reindexing.fill(from, ids)),
    );
    count += rows;
    onRows(rows);
    if (next === null) {
      await write(({ records }) => records(resource).reindexing.end(from));
      return count;
    }
    from = next;
  }
}
