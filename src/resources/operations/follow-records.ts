// Follows the new records of a resource. An id is taken before the commit, so on PostgreSQL a record can become visible
// after others with larger ids: remembering the largest id would miss it. So a follower also remembers which
// transactions may still commit a record below that id, and reads from there until they have ended.

import type { Filter, Query } from '../../model/query.ts';
import type { RecordOf, Resource } from '../../model/resource.ts';
import type { Additions, Reads } from '../../store/store.ts';

const byId = [{ attribute: 'id', descending: false }];
const pageSize = 500;

/**
 * The largest id so far, once no transaction can commit a record up to it any more.
 * @param wait called while there is one; throws to give up
 */
export async function settledId(
  { records }: Reads,
  resource: Resource,
  wait: () => Promise<void>,
): Promise<number> {
  const { lastId, writers } = await records(resource).additions();
  for (let left = writers; left.length > 0; ) {
    await wait();
    const { writers: current } = await records(resource).additions();
    left = left.filter((writer) => current.includes(writer));
  }
  return lastId;
}

/**
 * @param filter which records; null for all
 * @param after see `settledId`
 * @returns a function that returns the records that have become visible since it was last called, each once, in the
 * order of their ids. If it throws, nothing is lost: the next call returns them
 */
export function recordFollower<R extends Resource>(
  reads: Reads,
  resource: R,
  filter: Filter | null,
  after: number,
): () => Promise<RecordOf<R>[]> {
  const records = reads.records(resource);
  /** No record up to this id can become visible any more. */
  let settled = after;
  /** Ids above it that were returned. */
  let returned = new Set<number>();
  /** Once these transactions have ended, no record up to this id can become visible. */
  let next: Additions = { lastId: after, writers: [] };

  return async () => {
    // Before the records: what transactions have committed that are not among the writers is among the records.
    const current = await records.additions();
    const found: RecordOf<R>[] = [];
    for await (const ids of idsAfter(settled)) {
      const added = ids.filter((id) => !returned.has(id));
      if (added.length > 0) found.push(...(await records.findMany(added)));
    }
    for (const { id } of found) returned.add(id);
    if (!next.writers.some((writer) => current.writers.includes(writer))) {
      settled = current.writers.length === 0 ? current.lastId : next.lastId;
      next = current;
      returned = new Set([...returned].filter((id) => id > settled));
    }
    return found;
  };

  async function* idsAfter(start: number): AsyncIterable<number[]> {
    let last = start;
    for (;;) {
      const query: Query = {
        filter,
        sort: byId,
        fields: null,
        page: { by: 'cursor', after: [last], size: pageSize },
      };
      const page = (await records.page(query, null, null)).slice(0, pageSize).map(({ id }) => id);
      if (page.length > 0) yield page;
      if (page.length < pageSize) return;
      last = page.at(-1)!;
    }
  }
}
