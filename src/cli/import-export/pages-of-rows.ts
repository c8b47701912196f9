import type { Query } from '../../model/query.ts';
import { type User, users } from '../../resources/users/users.ts';
import type { Store } from '../../store/store.ts';

/** Yields all accounts in the order of ids, 500 at a time. */
export async function* pagesOfRows(store: Store): AsyncIterable<User[]> {
  const sort = [{ attribute: 'id', descending: false }];
  let after: readonly number[] | null = null;
  for (;;) {
    const query: Query = { filter: null, sort, fields: null, page: { by: 'cursor', after, size: 500 } };
    const page = (await store.read.records(users).page(query, null, null)).slice(0, 500);
    const last = page.at(-1);
    if (last === undefined) return;
    yield await store.read.records(users).findMany(page.map(({ id }) => id));
    after = [last.id];
  }
}
