// The GET operation of one record.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { recordDocument } from '../../jsonapi/write-document.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { RecordVersion } from '../../store/store.ts';
import { type Access, requireVisible } from '../access.ts';
import type { Call, Operation, Reply, Services } from '../operation.ts';
import { unchanged } from './reply.ts';

export function showOperation(access: Access): Operation {
  return (services, call) =>
    chain(requireVisible(access, services, call), (version) => showVersion(access, services, call, version));
}

function showVersion(
  access: Access,
  services: Services,
  call: Call,
  version: RecordVersion,
): Awaitable<Reply> {
  const { resource } = access;
  const renderings = services.renderings.of(resource);
  const fields = readRecordQuery(call.query, resource);
  const audience = access.audienceOf(call.actor, version.id, version.facts);
  const known = fields === null ? renderings.find(version, audience) : undefined;
  if (known === undefined) return showRow(access, services, call, version.id, fields);
  const etag = renderings.etag(version, audience);
  return unchanged(call, etag) ?? { status: 200, body: recordDocument(known), etag };
}

function showRow(
  access: Access,
  services: Services,
  call: Call,
  id: number,
  fields: readonly string[] | null,
): Awaitable<Reply> {
  const { resource } = access;
  return chain(services.store.read.records(resource).find(id), (row) => {
    if (row === null) throw new ApiError('record_not_found');
    const renderings = services.renderings.of(resource);
    const audience = access.audienceOf(call.actor, id, row);
    const etag = renderings.etag(row, audience, fields);
    return (
      unchanged(call, etag) ?? {
        status: 200,
        body: recordDocument(renderings.render(row, audience, fields)),
        etag,
      }
    );
  });
}
