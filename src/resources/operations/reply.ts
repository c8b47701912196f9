// Responses with one record, and their preconditions.

import { ApiError } from '../../errors.ts';
import { tagWithIncluded } from '../../jsonapi/included-tag.ts';
import type { Selection } from '../../jsonapi/read-selection.ts';
import { type Meta, recordDocument } from '../../jsonapi/write-document.ts';
import type { AudienceSet } from '../../model/audience.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Links } from '../../model/relationship.ts';
import { isShownOnce, type RecordOf } from '../../model/resource.ts';
import type { RecordVersion } from '../../store/store.ts';
import { type Access, callerFactsOf } from '../access.ts';
import type { Call, Reply, Services } from '../operation.ts';
import { inclusionOf } from './include.ts';

/**
 * @returns a 304 response if the client has this version, else undefined
 * @throws ApiError precondition_failed
 */
export function unchanged(call: Pick<Call, 'precondition'>, etag: string): Reply | undefined {
  const precondition = call.precondition(etag);
  if (precondition === 'failed') throw new ApiError('precondition_failed');
  return precondition === 'unchanged' ? { status: 304, body: null, etag } : undefined;
}

/**
 * @param current the row, read in the transaction that changes it
 * @throws ApiError precondition_failed
 */
export function requirePrecondition(
  access: Access,
  services: Services,
  call: Call,
  current: RecordOf,
  { fields }: Selection,
  callerFacts: unknown,
): void {
  const audience = access.audienceOf(call.actor, current.id, current, callerFacts);
  const etag = services.renderings.of(access.resource).etag(current, audience, fields);
  if (call.precondition(etag) === 'failed') throw new ApiError('precondition_failed');
}

interface ReplyMore {
  /** Of a record that was created. */
  readonly location?: string;
  /** It is no part of the version: it has no influence on the ETag. */
  readonly meta?: Meta | null;
}

/**
 * A response with one record, as this caller may see it. If it shows a secret once, no cache may store it, and it has no
 * ETag: the next representation of the same version is without the secret.
 */
export function recordReply(
  access: Access,
  services: Services,
  call: Call,
  row: RecordOf,
  selection: Selection,
  { location, meta = null }: ReplyMore = {},
): Awaitable<Reply> {
  return chain(callerFactsOf(access, call.actor, services.store.read, services.clock()), (callerFacts) => {
    const shown = shownRow(access, services, call, row, selection, callerFacts);
    return chain(
      representationOf(access, services, call, shown, selection, callerFacts),
      ({ etag, body }): Reply => ({
        status: location === undefined ? 200 : 201,
        body: body(meta),
        ...(isShownOnce(access.resource, row) ? { headers: { 'cache-control': 'no-store' } } : { etag }),
        ...(location !== undefined && { location }),
      }),
    );
  });
}

/** A record as one caller sees it. */
export interface ShownRecord {
  readonly version: RecordVersion;
  readonly audience: AudienceSet;
  write(): string;
  links(): Links;
}

export function shownRow(
  access: Access,
  services: Services,
  call: Call,
  row: RecordOf,
  { fields }: Selection,
  callerFacts: unknown,
): ShownRecord {
  const renderings = services.renderings.of(access.resource);
  const audience = access.audienceOf(call.actor, row.id, row, callerFacts);
  return {
    version: row,
    audience,
    write: () => renderings.render(row, audience, fields),
    links: () => renderings.linksIn(row),
  };
}

/** The document of a record, with the records that `include` loads, and its ETag. */
export function representationOf(
  access: Access,
  services: Services,
  call: Call,
  { version, audience, write, links }: ShownRecord,
  selection: Selection,
  callerFacts: unknown,
): Awaitable<{ readonly etag: string; body(meta?: Meta | null): string }> {
  const { fields, includes } = selection;
  const etag = services.renderings.of(access.resource).etag(version, audience, fields);
  if (includes === null) return { etag, body: (meta) => recordDocument(write(), null, meta) };
  const at = { services, call, reads: services.store.read, access, callerFacts };
  const inclusion = inclusionOf(at, { ...selection, includes });
  const primary = { id: version.id, text: write(), links: links() };
  return chain(inclusion.load([primary]), ({ texts, included, digest }) => ({
    etag: tagWithIncluded(etag, digest()),
    body: (meta) => recordDocument(texts[0]!, included, meta),
  }));
}
