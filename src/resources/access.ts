// Who sees which records, and to which audiences of a record a caller belongs. Each resource has an access file that
// decides this. Everything that it does not grant is refused.

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
   * The audiences of the record to which the actor belongs.
   * @param id null for a record that does not exist yet
   * @param facts the facts of its version, or the whole row; see ResourceDefinition.audiencesBy
   */
  audienceOf(actor: Actor, id: number | null, facts?: Facts): AudienceSet;
  /**
   * Whether the actor certainly sees the record, decided without the database. Used if there is no X-Organization-Id.
   * False means unknown: then `visible` decides.
   */
  seesAnyway(actor: Actor, id: number): boolean;
  /**
   * The filter that selects the records that the caller sees.
   * @param reads used to read memberships; a write calls this again with its transaction
   * @throws ApiError access_denied if the caller is not a member of the organization in X-Organization-Id
   */
  visible(services: Services, call: Call, reads: Reads): Awaitable<Visible>;
}

/**
 * Returns the record that the URL names, synchronously if the database is not needed. A write calls this again after
 * it has locked the record. Changing a membership locks the account of the member, so from then on neither the
 * caller's nor the record's memberships can change.
 * @throws ApiError record_not_found if the record does not exist or the caller does not see it
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
