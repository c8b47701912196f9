// The GET operation of one record.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { recordDocument } from '../../jsonapi/write-document.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { RecordVersion } from '../../store/store.ts';
import { type Access, callerFactsOf, requireSeen } from '../access.ts';
import type { Call, Operation, Reply, Services } from '../operation.ts';
import { representationOf, type ShownRecord, shownRow, unchanged } from './reply.ts';

export function showOperation(access: Access): Operation {
  return (services, call) => {
    const { read } = services.store;
    return chain(callerFactsOf(access, call.actor, read, services.clock()), (callerFacts) =>
      chain(requireSeen(access, services, call, read, callerFacts), (version) =>
        showVersion(access, services, call, version, callerFacts),
      ),
    );
  };
}

function showVersion(
  access: Access,
  services: Services,
  call: Call,
  version: RecordVersion,
  callerFacts: unknown,
): Awaitable<Reply> {
  const { resource } = access;
  const selection = readRecordQuery(call.query, resource, services.queries);
  const { fields, includes } = selection;
  const renderings = services.renderings.of(resource);
  const audience = access.audienceOf(call.actor, version.id, version.facts, callerFacts);
  const known = fields === null ? renderings.find(version, audience) : undefined;
  if (known !== undefined && includes === null) {
    const etag = renderings.etag(version, audience);
    return unchanged(call, etag) ?? { status: 200, body: recordDocument(known), etag };
  }
  const answer = (shown: ShownRecord): Awaitable<Reply> =>
    chain(
      representationOf(access, services, call, shown, selection, callerFacts),
      ({ etag, body }) => unchanged(call, etag) ?? { status: 200, body: body(), etag },
    );
  if (known !== undefined)
    return answer({
      version,
      audience,
      write: () => known,
      links: () => renderings.linksOf(version.id),
    });
  return chain(version.row ?? services.store.read.records(resource).find(version.id), (row) => {
    if (row === null) throw new ApiError('record_not_found');
    return answer(shownRow(access, services, call, row, selection, callerFacts));
  });
}
