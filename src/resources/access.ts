// Who sees which records, and what a caller is to them. Each resource has an access file that answers this; what it does
// not grant is refused.

import { ApiError } from '../errors.ts';
import type { Actor } from '../model/actor.ts';
import type { AudienceSet } from '../model/audience.ts';
import { type Awaitable, chain } from '../model/awaitable.ts';
import type { Resource } from '../model/resource.ts';
import type { Facts, Reads, RecordVersion, Visible } from '../store/store.ts';
import type { Call, Services } from './operation.ts';

export interface Access {
  readonly resource: Resource;
  /**
   * What the actor is to the record; to one that is not made yet where the id is null.
   * @param facts of its version, or the whole row; see ResourceDefinition.audiencesBy
   */
  audienceOf(actor: Actor, id: number | null, facts?: Facts): AudienceSet;
  /** Whether the actor sees the record, as far as that is known without the database. X-Organization-Id is not given. */
  seesAnyway(actor: Actor, id: number): boolean;
  /**
   * Which records the caller sees.
   * @param reads where memberships are read; a write asks again in its transaction
   * @throws ApiError access_denied where the caller is not a member of the organization that X-Organization-Id names
   */
  visible(services: Services, call: Call, reads: Reads): Awaitable<Visible>;
}

/**
 * The record that the URL names; no promise where the database need not be asked. A write asks again when it holds the
 * record: whoever changes a membership holds the account, so that from then on neither the caller's nor the record's
 * changes.
 * @throws ApiError record_not_found: what is not seen does not exist
 */
export function requireVisible(
  access: Access,
  services: Services,
  call: Call,
  reads: Reads = services.store.read,
): Awaitable<RecordVersion> {
  const { target, actor, organizationId } = call;
  if (organizationId === null) {
    if (target === null) throw new ApiError('record_not_found');
    if (access.seesAnyway(actor, target.id)) return target;
  }
  return chain(access.visible(services, call, reads), (visible) => {
    if (target === null) throw new ApiError('record_not_found');
    return chain(reads.records(access.resource).sees(visible, target.id), (isSeen) => {
      if (!isSeen) throw new ApiError('record_not_found');
      return target;
    });
  });
}
