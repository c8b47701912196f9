import type { Filter, Query } from '../../model/query.ts';
import type { RecordOf, Resource } from '../../model/resource.ts';
import type { Store } from '../../store/store.ts';

/**
 * Yields records of a resource in the order of ids, 500 at a time.
 * @param filter null for all
 */
export async function* pagesOfRows<R extends Resource>(
  store: Store,
  resource: R,
  filter: Filter | null = null,
): AsyncIterable<RecordOf<R>[]> {
  const records = store.read.records(resource);
  const sort = [{ attribute: 'id', descending: false }];
  let after: readonly number[] | null = null;
  for (;;) {
    const query: Query = { filter, sort, fields: null, page: { by: 'cursor', after, size: 500 } };
    const page = (await records.page(query, null, null)).slice(0, 500);
    const last = page.at(-1);
    if (last === undefined) return;
    yield await records.findMany(page.map(({ id }) => id));
    after = [last.id];
  }
}
