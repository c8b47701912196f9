// The GET operation of a collection: filter, sort, pagination.

import { paginateByCursor, paginateByNumber } from '../../jsonapi/paginate.ts';
import { type CollectionQuery, readCollectionQuery } from '../../jsonapi/read-query.ts';
import { collectionDocument } from '../../jsonapi/write-document.ts';
import type { Actor } from '../../model/actor.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { CollectionState, PageRow, RecordReader, Visible } from '../../store/store.ts';
import type { Access } from '../access.ts';
import { collectionPath, type Operation, type Reply, type Services } from '../operation.ts';
import { unchanged } from './reply.ts';

/** Everything that a list response depends on. */
interface Listing {
  readonly access: Access;
  readonly services: Services;
  readonly records: RecordReader;
  readonly actor: Actor;
  /** URL of the collection, for links. */
  readonly url: string;
  readonly query: CollectionQuery;
  readonly visible: Visible;
  readonly state: CollectionState;
}

export function listOperation(access: Access): Operation {
  const { resource } = access;
  const path = collectionPath(resource);
  return (services, call) => {
    const { store, queries } = services;
    const query = readCollectionQuery(call.query, resource, queries);
    // Visibility is read from the primary; the records may come from a replica.
    return chain(access.visible(services, call, store.read), (visible) => {
      const records = store.readAfter(call.walPosition).records(resource);
      const url = call.baseUrl() + path;
      return chain(records.state(), (state) => {
        const listing = { access, services, records, actor: call.actor, url, query, visible, state };
        const etag = listEtag(listing);
        return unchanged(call, etag) ?? listReply(listing, etag);
      });
    });
  };
}

function listEtag({ services, url, query, visible, actor, state }: Listing): string {
  // Includes the caller: two callers who see the same records may belong to different audiences, so they get
  // different documents.
  const asked = [url, query.kept, query.page, query.currentPage, visible, actor.userId, actor.powers];
  return services.renderings.collectionEtag(state.changeCount, JSON.stringify(asked));
}

function listReply(listing: Listing, etag: string): Awaitable<Reply> {
  const { query, services } = listing;
  const { renderings } = services;
  const kept = renderings.findCollection(etag);
  if (kept !== undefined) return { status: 200, body: kept, etag };
  const made = query.page.by === 'cursor' ? cursorPage(listing) : numberedPage(listing);
  return chain(made, (body) => ({ status: 200, body: renderings.keepCollection(etag, body), etag }));
}

function cursorPage(listing: Listing): Awaitable<string> {
  const { records, url, query, visible } = listing;
  return chain(records.page(query, visible, null), (found) => {
    const shown = found.slice(0, query.page.size);
    const last = found.length > shown.length ? shown.at(-1) : undefined;
    const next = last ? query.cursorAfter(last.sortKey) : null;
    const { links, meta } = paginateByCursor(url, query, next);
    return chain(resourceObjects(listing, shown), (texts) => collectionDocument(texts, links, meta));
  });
}

function numberedPage(listing: Listing): Awaitable<string> {
  const { records, url, query, visible } = listing;
  const write = (total: number, shown: readonly PageRow[]) => {
    const { links, meta } = paginateByNumber(url, query, total);
    return chain(resourceObjects(listing, shown), (texts) => collectionDocument(texts, links, meta));
  };
  const { page } = query;
  if (page.by === 'number' && page.number === 1)
    return chain(records.page(query, visible, null), (first) =>
      // If the first page is not full, it is the whole list, and no count is needed.
      first.length < page.size
        ? write(first.length, first)
        : chain(totalCount(listing), (total) => write(total, first)),
    );
  return chain(totalCount(listing), (total) =>
    chain(records.page(query, visible, total), (shown) => write(total, shown)),
  );
}

function totalCount({ access, services, records, query, visible, state }: Listing): Awaitable<number> {
  if (query.filter === null && visible === null) return state.rowCount;
  const key = `${access.resource.type} ${JSON.stringify(visible)} ${query.filterKey()}`;
  return services.totals.of(key, state.changeCount, () => records.count(query.filter, visible));
}

/** The records of the page as JSON text, from the cache if possible. */
function resourceObjects(listing: Listing, page: readonly PageRow[]): Awaitable<string[]> {
  const { access, services, records, actor, query, state } = listing;
  const { fields } = query;
  const { shownCount } = state;
  const renderings = services.renderings.of(access.resource);
  const texts = new Map<number, string>();
  const missing: number[] = [];
  for (const row of page) {
    const audience = access.audienceOf(actor, row.id, row.facts);
    const known = fields === null ? renderings.findListed(row, shownCount, audience) : undefined;
    if (known === undefined) missing.push(row.id);
    else texts.set(row.id, known);
  }
  return chain(missing.length > 0 ? records.findMany(missing) : [], (rows) => {
    for (const row of rows) {
      const text = renderings.render(row, access.audienceOf(actor, row.id, row), fields, shownCount);
      texts.set(row.id, text);
    }
    // Skip records that were deleted since the page was read.
    return page.map(({ id }) => texts.get(id)).filter((text) => text !== undefined);
  });
}
