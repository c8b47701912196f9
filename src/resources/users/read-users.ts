// GET /users and GET /users/{id}.

import { ApiError } from '../../errors.ts';
import { paginateByCursor, paginateByNumber } from '../../jsonapi/paginate.ts';
import { type CollectionQuery, readCollectionQuery, readRecordQuery } from '../../jsonapi/read-query.ts';
import { collectionDocument, recordDocument } from '../../jsonapi/write-document.ts';
import type { Actor } from '../../model/actor.ts';
import type { Scope } from '../../model/query.ts';
import type { RelationSet, Row } from '../../model/resource.ts';
import type { PageRow, Records, Version } from '../../store/store.ts';
import type { Call, Reply, Services, Totals } from '../call.ts';
import type { Documents } from '../documents.ts';
import { users } from './users.ts';
import { relationsTo, requireVisible, visibleUsers } from './users-access.ts';

export function showUser(services: Services, call: Call): Reply | Promise<Reply> {
  const visible = requireVisible(services, call);
  return visible instanceof Promise
    ? visible.then((version) => showVersion(services, call, version))
    : showVersion(services, call, visible);
}

function showVersion(services: Services, call: Call, version: Version): Reply | Promise<Reply> {
  const { documents } = services;
  const fields = readRecordQuery(call.query, users);
  const relations = relationsTo(call.actor, version.id);
  const known = fields === null ? documents.find(version, relations) : undefined;
  if (known === undefined) return showRow(services, call, version.id, fields);
  const etag = documents.etag(version.revision, relations);
  return unchanged(call, etag) ?? { status: 200, body: recordDocument(known), etag };
}

async function showRow(
  services: Services,
  call: Call,
  id: number,
  fields: readonly string[] | null,
): Promise<Reply> {
  const { documents, store } = services;
  const row = await store.read.users.find(id);
  if (row === null) throw new ApiError('record_not_found');
  const etag = documents.etag(row.revision as number, relationsTo(call.actor, id), fields);
  return unchanged(call, etag) ?? userReply(services, call, row, fields);
}

/** 304 where the client has this version. @throws ApiError precondition_failed where it asked for another */
function unchanged(call: Call, etag: string): Reply | undefined {
  const precondition = call.precondition(etag);
  if (precondition === 'failed') throw new ApiError('precondition_failed');
  return precondition === 'unchanged' ? { status: 304, body: null, etag } : undefined;
}

/** A row as the answer to this caller. */
export function userReply(
  { documents }: Services,
  call: Call,
  row: Row,
  fields: readonly string[] | null,
  created?: { location: string },
): Reply {
  const relations = relationsTo(call.actor, row.id as number);
  const etag = documents.etag(row.revision as number, relations, fields);
  const body = recordDocument(documents.render(row, relations, fields));
  return { status: created ? 201 : 200, body, etag, ...created };
}

export async function listUsers(services: Services, call: Call): Promise<Reply> {
  const { documents } = services;
  const query = readCollectionQuery(call.query, users, services.queries);
  // Who sees whom is asked of the primary; what they see may come from a replica.
  const scope = await visibleUsers(services, call);
  const records = services.store.readAfter(call.position).users;
  const { version, rowCount } = await records.state();

  // Two callers of one scope read different documents where one of them is in it.
  const asked = JSON.stringify([query.kept, query.page, scope, call.actor.userId, call.actor.powers]);
  const etag = documents.collectionEtag(version, asked);
  const notModified = unchanged(call, etag);
  if (notModified) return notModified;
  const body =
    documents.findCollection(etag) ??
    documents.keepCollection(
      etag,
      await collectionBody(services, records, call.actor, query, scope, version, rowCount),
    );
  return { status: 200, body, etag };
}

async function collectionBody(
  services: Services,
  records: Records,
  actor: Actor,
  query: CollectionQuery,
  scope: Scope,
  version: number,
  rowCount: number,
): Promise<string> {
  const url = `${services.publicUrl()}/api/v2/users`;
  if (query.page.by === 'cursor') {
    const found = await records.page(query, scope, null);
    const shown = found.slice(0, query.page.size);
    const last = found.length > shown.length ? shown.at(-1) : undefined;
    const { links, meta } = paginateByCursor(url, query, last ? query.cursorAfter(last.position) : null);
    return collectionDocument(
      await resourceObjects(services.documents, records, actor, shown, query),
      links,
      meta,
    );
  }
  // A first page that is not full holds them all, so nothing has to be counted.
  const { number, size } = query.page;
  const first = number === 1 ? await records.page(query, scope, null) : null;
  const total =
    first !== null && first.length < size
      ? first.length
      : await totalCount(services.totals, records, query, scope, version, rowCount);
  const shown = first ?? (await records.page(query, scope, total));
  const { links, meta } = paginateByNumber(url, query, total);
  return collectionDocument(
    await resourceObjects(services.documents, records, actor, shown, query),
    links,
    meta,
  );
}

async function totalCount(
  totals: Totals,
  records: Records,
  query: CollectionQuery,
  scope: Scope,
  version: number,
  rowCount: number,
): Promise<number> {
  if (query.filter === null && scope.sees === 'all') return rowCount;
  if (query.filter === null && scope.sees === 'one') return 1;
  const key = `${JSON.stringify(scope)} ${query.filterKey}`;
  return totals.of(key, version, () => records.count(query.filter, scope));
}

/** The page's records as text, from memory as far as they are known. */
async function resourceObjects(
  documents: Documents,
  records: Records,
  actor: Actor,
  page: readonly PageRow[],
  { fields }: CollectionQuery,
): Promise<string[]> {
  const texts = new Map<number, string>();
  const missing: Version[] = [];
  for (const version of page) {
    const known = fields === null ? documents.find(version, relationsTo(actor, version.id)) : undefined;
    if (known === undefined) missing.push(version);
    else texts.set(version.id, known);
  }
  const rows = missing.length > 0 ? await records.findMany(missing.map(({ id }) => id)) : [];
  for (const row of rows) {
    const relations: RelationSet = relationsTo(actor, row.id as number);
    texts.set(row.id as number, documents.render(row, relations, fields));
  }
  // One that was deleted since the page was read is not shown.
  return page.map(({ id }) => texts.get(id)).filter((text) => text !== undefined);
}
