// Pages by number of a resource whose records are added and never change, of which there may be millions: neither the
// total nor a page in the middle may occupy the database for long.

import type { CollectionQuery } from '../../jsonapi/read-query.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Query } from '../../model/query.ts';
import type { Resource } from '../../model/resource.ts';
import type { ClientOf, CollectionState, PageRow, RecordReader, Visible } from '../../store/store.ts';
import { type Counted, rowsOf } from '../cache/tally.ts';
import type { Services } from '../operation.ts';

export interface NumberedPage {
  readonly rows: readonly PageRow[];
  readonly total: number;
}

interface Asked {
  readonly resource: Resource;
  readonly query: CollectionQuery;
  readonly visible: Visible;
  readonly state: CollectionState;
  readonly client: ClientOf;
}

/** Pages up to this record are read with those before them, which tells whether the list ends there. */
const maxReadAtOnce = 1000;

export function numberedWalk(services: Services, asked: Asked): Awaitable<NumberedPage> {
  const { resource, query, visible, state, client } = asked;
  const { page, filter } = query;
  const records = services.store.read.records(resource);
  const skip = ((page.by === 'number' ? page.number : 1) - 1) * page.size;
  const isAll = filter === null && visible === null;
  if (skip + page.size > maxReadAtOnce) return located(services, asked, records, skip);
  const size = skip === 0 ? page.size : maxReadAtOnce;
  const start: Query = { ...query, page: { by: 'cursor', after: null, size } };
  return chain(records.walk(start, visible, client), ({ rows, next }) => {
    const shown = rows.slice(skip, skip + page.size);
    if (next === null) return { rows: shown, total: rows.length };
    if (rows.length < skip + page.size) return located(services, asked, records, skip);
    if (isAll) return { rows: shown, total: state.rowCount };
    return tallyOf(services, asked)
      .count(counted(records, asked))
      .then(({ total }) => ({ rows: shown, total }));
  });
}

/** The page, found by what is known of the slices of ids. */
async function located(
  services: Services,
  asked: Asked,
  reader: RecordReader,
  skip: number,
): Promise<NumberedPage> {
  const { sort, page } = asked.query;
  const records = counted(reader, asked);
  const tallied = await tallyOf(services, asked).count(records);
  const { total } = tallied;
  const take = Math.min(page.size, total - skip);
  if (take <= 0) return { rows: [], total };
  if (!sort[0]!.descending) return { rows: await rowsOf(tallied, records, { skip, take }), total };
  const rows = await rowsOf(tallied, records, { skip: total - skip - take, take });
  return { rows: rows.toReversed(), total };
}

function tallyOf({ tallies }: Services, { resource, query, visible }: Asked) {
  return tallies.of(`${resource.type} ${JSON.stringify(visible)} ${query.filterKey()}`);
}

const byId = [{ attribute: 'id', descending: false }];

function counted(records: RecordReader, { query: { filter }, visible }: Asked): Counted {
  return {
    additions: () => records.additions(),
    async firstId() {
      const query: Query = {
        filter: null,
        sort: byId,
        fields: null,
        page: { by: 'cursor', after: null, size: 1 },
      };
      const { rows } = await records.walk(query, null);
      return rows[0]?.id ?? 0;
    },
    countWithin: async (range) => records.countWithin(filter, visible, range),
    rowsWithin: async (range, part) => records.rowsWithin(filter, visible, range, part),
  };
}
