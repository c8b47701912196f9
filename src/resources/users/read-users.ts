// GET /users and GET /users/{id}.

import { ApiError } from '../../errors.ts';
import { paginateByCursor, paginateByNumber } from '../../jsonapi/paginate.ts';
import { type CollectionQuery, readCollectionQuery, readRecordQuery } from '../../jsonapi/read-query.ts';
import { collectionDocument, recordDocument } from '../../jsonapi/write-document.ts';
import type { Actor } from '../../model/actor.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import { soleId } from '../../model/query.ts';
import type { Row } from '../../model/resource.ts';
import type { CollectionState, PageRow, RecordReader, RecordVersion, Visible } from '../../store/store.ts';
import type { Call, Reply, Services } from '../operation.ts';
import { users } from './users.ts';
import { audienceOf, requireVisible, visibleUsers } from './users-access.ts';

export function showUser(services: Services, call: Call): Awaitable<Reply> {
  return chain(requireVisible(services, call), (version) => showVersion(services, call, version));
}

function showVersion(services: Services, call: Call, version: RecordVersion): Awaitable<Reply> {
  const { renderings } = services;
  const fields = readRecordQuery(call.query, users);
  const audience = audienceOf(call.actor, version.id);
  const known = fields === null ? renderings.find(version, audience) : undefined;
  if (known === undefined) return showRow(services, call, version.id, fields);
  const etag = renderings.etag(version.revision, audience);
  return unchanged(call, etag) ?? { status: 200, body: recordDocument(known), etag };
}

function showRow(
  services: Services,
  call: Call,
  id: number,
  fields: readonly string[] | null,
): Awaitable<Reply> {
  const { renderings, store } = services;
  return chain(store.read.records(users).find(id), (row) => {
    if (row === null) throw new ApiError('record_not_found');
    const etag = renderings.etag(row.revision as number, audienceOf(call.actor, id), fields);
    return unchanged(call, etag) ?? userReply(services, call, row, fields);
  });
}

/** 304 where the client has this version. @throws ApiError precondition_failed where it asked for another */
function unchanged(call: Call, etag: string): Reply | undefined {
  const precondition = call.precondition(etag);
  if (precondition === 'failed') throw new ApiError('precondition_failed');
  return precondition === 'unchanged' ? { status: 304, body: null, etag } : undefined;
}

/** A row as the answer to this caller. */
export function userReply(
  { renderings }: Services,
  call: Call,
  row: Row,
  fields: readonly string[] | null,
  created?: { location: string },
): Reply {
  const audience = audienceOf(call.actor, row.id as number);
  const etag = renderings.etag(row.revision as number, audience, fields);
  const body = recordDocument(renderings.render(row, audience, fields));
  return { status: created ? 201 : 200, body, etag, ...created };
}

/** What a list is made of, once it is known who asks for what. */
interface Listing {
  readonly services: Services;
  readonly records: RecordReader;
  readonly actor: Actor;
  /** Of the collection, for links. */
  readonly url: string;
  readonly query: CollectionQuery;
  readonly visible: Visible;
}

export function listUsers(services: Services, call: Call): Awaitable<Reply> {
  const query = readCollectionQuery(call.query, users, services.queries);
  // Who sees whom is asked of the primary; what they see may come from a replica.
  return chain(visibleUsers(services, call), (visible) => {
    const records = services.store.readAfter(call.walPosition).records(users);
    const url = `${call.baseUrl()}/api/v2/users`;
    const listing = { services, records, actor: call.actor, url, query, visible };
    return chain(records.state(), (state) => listReply(listing, call, state));
  });
}

function listReply(listing: Listing, call: Call, state: CollectionState): Awaitable<Reply> {
  const { services, url, query, visible, actor } = listing;
  const { renderings } = services;
  // Two callers who see the same records read different documents where one of them is among those.
  const asked = JSON.stringify([
    url,
    query.kept,
    query.page,
    query.currentPage,
    visible,
    actor.userId,
    actor.powers,
  ]);
  const etag = renderings.collectionEtag(state.changeCount, asked);
  const notModified = unchanged(call, etag);
  if (notModified) return notModified;
  const kept = renderings.findCollection(etag);
  if (kept !== undefined) return { status: 200, body: kept, etag };
  const made = query.page.by === 'cursor' ? cursorPage(listing) : numberedPage(listing, state);
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

function numberedPage(listing: Listing, state: CollectionState): Awaitable<string> {
  const { records, url, query, visible } = listing;
  const write = (total: number, shown: readonly PageRow[]) => {
    const { links, meta } = paginateByNumber(url, query, total);
    return chain(resourceObjects(listing, shown), (texts) => collectionDocument(texts, links, meta));
  };
  const { page } = query;
  if (page.by === 'number' && page.number === 1)
    return chain(records.page(query, visible, null), (first) =>
      // A first page that is not full holds them all, so nothing has to be counted.
      first.length < page.size
        ? write(first.length, first)
        : chain(totalCount(listing, state), (total) => write(total, first)),
    );
  return chain(totalCount(listing, state), (total) =>
    chain(records.page(query, visible, total), (shown) => write(total, shown)),
  );
}

function totalCount(
  { services, records, query, visible }: Listing,
  state: CollectionState,
): Awaitable<number> {
  if (query.filter === null && visible === null) return state.rowCount;
  if (query.filter === null && soleId(visible) !== null) return 1;
  const key = `${JSON.stringify(visible)} ${query.filterKey()}`;
  return services.totals.of(key, state.changeCount, () => records.count(query.filter, visible));
}

/** The page's records as text, from memory as far as they are known. */
function resourceObjects(
  { services, records, actor, query }: Listing,
  page: readonly PageRow[],
): Awaitable<string[]> {
  const { renderings } = services;
  const { fields } = query;
  const texts = new Map<number, string>();
  const missing: number[] = [];
  for (const version of page) {
    const known = fields === null ? renderings.find(version, audienceOf(actor, version.id)) : undefined;
    if (known === undefined) missing.push(version.id);
    else texts.set(version.id, known);
  }
  return chain(missing.length > 0 ? records.findMany(missing) : [], (rows) => {
    for (const row of rows) {
      const id = row.id as number;
      texts.set(id, renderings.render(row, audienceOf(actor, id), fields));
    }
    // One that was deleted since the page was read is not shown.
    return page.map(({ id }) => texts.get(id)).filter((text) => text !== undefined);
  });
}
