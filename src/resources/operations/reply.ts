// Responses with one record, and their preconditions.

import { ApiError } from '../../errors.ts';
import { recordDocument } from '../../jsonapi/write-document.ts';
import type { RecordOf } from '../../model/resource.ts';
import type { Access } from '../access.ts';
import type { Call, Reply, Services } from '../operation.ts';

/**
 * @returns a 304 response if the client has this version, else undefined
 * @throws ApiError precondition_failed
 */
export function unchanged(call: Call, etag: string): Reply | undefined {
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
  fields: readonly string[] | null,
): void {
  const audience = access.audienceOf(call.actor, current.id, current);
  const etag = services.renderings.of(access.resource).etag(current, audience, fields);
  if (call.precondition(etag) === 'failed') throw new ApiError('precondition_failed');
}

/** A response with one record, as this caller may see it. */
export function recordReply(
  access: Access,
  services: Services,
  call: Call,
  row: RecordOf,
  fields: readonly string[] | null,
  created?: { readonly location: string },
): Reply {
  const renderings = services.renderings.of(access.resource);
  const audience = access.audienceOf(call.actor, row.id, row);
  return {
    status: created ? 201 : 200,
    body: recordDocument(renderings.render(row, audience, fields)),
    etag: renderings.etag(row, audience, fields),
    ...created,
  };
}
