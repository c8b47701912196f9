// The GET operation of a list: filter, sort, pagination.

import { setImmediate } from 'node:timers/promises';
import { paginateByCursor, paginateByNumber } from '../../jsonapi/paginate.ts';
import { type CollectionQuery, readCollectionQuery } from '../../jsonapi/read-query.ts';
import { collectionDocument } from '../../jsonapi/write-document.ts';
import type { Actor } from '../../model/actor.ts';
import { type Awaitable, both, chain } from '../../model/awaitable.ts';
import type { Comparison, Filter } from '../../model/query.ts';
import type { Links } from '../../model/relationship.ts';
import type { RecordOf } from '../../model/resource.ts';
import type {
  ClientOf,
  CollectionState,
  PageRow,
  RecordReader,
  Visible,
  WalkedPage,
} from '../../store/store.ts';
import { type Access, callerFactsOf } from '../access.ts';
import type { Call, Operation, Reply, Services } from '../operation.ts';
import { type Inclusion, inclusionOf } from './include.ts';
import { type ListMeta, type ListScope, parentReader } from './list-scope.ts';
import { numberedWalk } from './numbered-walk.ts';
import { unchanged } from './reply.ts';

/** Everything that a list response depends on. */
interface Listing {
  readonly access: Access;
  readonly services: Services;
  readonly records: RecordReader;
  readonly actor: Actor;
  readonly client: ClientOf;
  /** URL of the list, for links. */
  readonly url: string;
  readonly query: CollectionQuery;
  readonly visible: Visible;
  readonly state: CollectionState;
  /** The page, if it was read with the state. */
  readonly page: readonly PageRow[] | null;
  readonly callerFacts: unknown;
  /** Members of `meta` that are not about pages. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Null if the request has no `include`. */
  readonly inclusion: Inclusion | null;
}

export function listOperation<F>(access: Access<F>, scope: ListScope<F> = {}): Operation {
  const readParent = parentReader(access.resource, scope);
  const listed = { ...access, visible: scope.visible ?? access.visible } as Access;
  return (services, call) =>
    chain(readParent(services, call), (ofParent) =>
      listRecords(listed, services, call, {
        within: ofParent,
        byDefault: scope.byDefault?.(call) ?? null,
        meta: metaOf(call, scope.meta),
      }),
    );
}

function metaOf(call: Call, meta: ListMeta = {}): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(meta).map(([name, { of }]) => [name, of(call)]));
}

/** What the scope of a list adds to one request. */
interface Scoped {
  readonly within: Filter | null;
  readonly byDefault: Comparison | null;
  readonly meta: Readonly<Record<string, unknown>>;
}

function listRecords(
  access: Access,
  services: Services,
  call: Call,
  { within, byDefault, meta }: Scoped,
): Awaitable<Reply> {
  const { resource } = access;
  const { store, clock, queries } = services;
  // Visibility is read from the primary; the records may come from a replica.
  return chain(callerFactsOf(access, call.actor, store.read, clock()), (callerFacts) => {
    const audience = access.audienceOfAll?.(call, callerFacts) ?? 0;
    const query = readCollectionQuery(call.query, resource, queries, { within, byDefault, audience });
    return chain(access.visible(services, call, store.read, callerFacts), (visible) => {
      const reads = store.readAfter(call.walPosition);
      const records = reads.records(resource);
      const url = call.baseUrl() + call.path();
      const { includes } = query;
      const inclusion =
        includes && inclusionOf({ services, call, reads, access, callerFacts }, { ...query, includes });
      const states = both(records.stateWithPage(query, visible), inclusion?.state());
      return chain(states, ([{ state, page }, included]) => {
        const listing: Listing = {
          access,
          services,
          records,
          actor: call.actor,
          client: () => ({ caller: call.actor.userId, gone: call.gone() }),
          url,
          query,
          visible,
          state,
          page,
          callerFacts,
          meta,
          inclusion,
        };
        const etag = listEtag(listing, included);
        return unchanged(call, etag) ?? listReply(listing, etag);
      });
    });
  });
}

/** @param included the state of the inclusion */
function listEtag(listing: Listing, included: unknown): string {
  const { services, url, query, visible, actor, state, callerFacts, meta } = listing;
  // Includes the caller: two callers who see the same records may belong to different audiences, so they get
  // different documents.
  const asked = [
    url,
    query.linkParameters,
    query.page,
    query.currentPage,
    visible,
    actor.userId,
    actor.powers,
    meta,
    callerFacts,
    included,
  ];
  return services.renderings.collectionEtag(state.changeCount, JSON.stringify(asked));
}

function listReply(listing: Listing, etag: string): Awaitable<Reply> {
  const { access, query, services } = listing;
  const { renderings } = services;
  const kept = renderings.findCollection(etag);
  if (kept !== undefined) return { status: 200, body: kept, etag };
  const made =
    query.page.by === 'cursor'
      ? cursorPage(listing)
      : access.resource.isAppended
        ? walkedPage(listing)
        : numberedPage(listing);
  return chain(made, (body) => ({
    status: 200,
    body: renderings.cacheCollection(etag, body, query.includes !== null),
    etag,
  }));
}

function cursorPage(listing: Listing): Awaitable<string> {
  const { access, records, url, query, visible, client } = listing;
  const read: Awaitable<WalkedPage> = access.resource.isAppended
    ? records.walk(query, visible, client)
    : chain(listing.page ?? records.page(query, visible, null, client), (found) => {
        const rows = found.slice(0, query.page.size);
        return { rows, next: found.length > rows.length ? rows.at(-1)!.sortKey : null };
      });
  return chain(read, ({ rows, next }) => {
    const { links, meta } = paginateByCursor(url, query, next && query.cursorAfter(next));
    return document(listing, rows, links, meta);
  });
}

function numberedPage(listing: Listing): Awaitable<string> {
  const { records, url, query, visible, client } = listing;
  const write = (total: number, shown: readonly PageRow[]) => {
    const { links, meta } = paginateByNumber(url, query, total);
    return document(listing, shown, links, meta);
  };
  const { page } = query;
  if (page.by === 'number' && page.number === 1)
    return chain(listing.page ?? records.page(query, visible, null, client), (first) =>
      // If the first page is not full, it is the whole list, and no count is needed.
      first.length < page.size
        ? write(first.length, first)
        : chain(totalCount(listing), (total) => write(total, first)),
    );
  return chain(totalCount(listing), (total) =>
    chain(records.page(query, visible, total, client), (shown) => write(total, shown)),
  );
}

function walkedPage(listing: Listing): Awaitable<string> {
  const { access, services, url, query, visible, state, client } = listing;
  const page = numberedWalk(services, { resource: access.resource, query, visible, state, client });
  return chain(page, ({ rows, total }) => {
    const { links, meta } = paginateByNumber(url, query, total);
    return document(listing, rows, links, meta);
  });
}

function totalCount({
  access,
  services,
  records,
  query,
  visible,
  state,
  client,
}: Listing): Awaitable<number> {
  if (query.filter === null && visible === null) return state.rowCount;
  const key = `${access.resource.type} ${JSON.stringify(visible)} ${query.filterKey()}`;
  return services.totals.of(key, state.changeCount, () => records.count(query.filter, visible, client));
}

function document(
  listing: Listing,
  page: readonly PageRow[],
  links: Readonly<Record<string, string>>,
  ofPage: Readonly<Record<string, unknown>>,
): Awaitable<string> {
  const { inclusion } = listing;
  const meta = { ...ofPage, ...listing.meta };
  const linksById = inclusion && new Map<number, Links>();
  return chain(resourceObjects(listing, page, linksById), (written) => {
    // Skips records that were deleted since the page was read.
    if (inclusion === null) {
      const texts = page.map(({ id }) => written.get(id)).filter((text) => text !== undefined);
      return collectionDocument(texts, null, links, meta);
    }
    const shown = page.filter(({ id }) => written.has(id));
    const records = shown.map(({ id }) => ({ id, text: written.get(id)!, links: linksById!.get(id)! }));
    return chain(inclusion.load(records), ({ texts, included }) =>
      collectionDocument(texts, included, links, meta),
    );
  });
}

/** Large records are read and written in parts, between which other requests are answered. */
const recordsAtOnce = 50;
const charactersAtOnce = 1_000_000;

/**
 * The records of the page as JSON text, from the cache if possible.
 * @param linksById filled for `include`
 */
function resourceObjects(
  listing: Listing,
  page: readonly PageRow[],
  linksById: Map<number, Links> | null = null,
): Awaitable<Map<number, string>> {
  const { access, services, records, actor, query, state, callerFacts } = listing;
  const { fields } = query;
  const { shownCount } = state;
  const renderings = services.renderings.of(access.resource);
  const texts = new Map<number, string>();
  const render = (row: RecordOf): string => {
    const audience = access.audienceOf(actor, row.id, row, callerFacts);
    const text = renderings.render(row, audience, fields, shownCount);
    texts.set(row.id, text);
    linksById?.set(row.id, renderings.linksIn(row));
    return text;
  };
  const missing: number[] = [];
  for (const row of page) {
    const audience = access.audienceOf(actor, row.id, row.facts, callerFacts);
    const known = fields === null ? renderings.findListed(row, shownCount, audience) : undefined;
    if (known !== undefined) {
      texts.set(row.id, known);
      linksById?.set(row.id, renderings.linksOf(row.id));
    } else if (row.row !== undefined) render(row.row);
    else missing.push(row.id);
  }
  const readFrom = (start: number): Awaitable<Map<number, string>> => {
    const end = start + recordsAtOnce;
    return chain(records.findMany(missing.slice(start, end)), (rows) => {
      let characters = 0;
      for (const row of rows) characters += render(row).length;
      if (end >= missing.length) return texts;
      return characters > charactersAtOnce ? setImmediate().then(() => readFrom(end)) : readFrom(end);
    });
  };
  return missing.length === 0 ? texts : readFrom(0);
}
