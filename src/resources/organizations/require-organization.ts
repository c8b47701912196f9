import { ApiError } from '../../errors.ts';
import type { AccountActor, Role } from '../../model/actor.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Reads } from '../../store/store.ts';
import type { Call, Services } from '../operation.ts';
import { organizations } from './organizations.ts';

/**
 * The caller's role in the organization in X-Organization-Id; null for a sysadmin who is not a current member of it.
 * @param now milliseconds since 1970
 * @throws ApiError access_denied if the organization does not exist, or the caller is neither a current member nor
 * a sysadmin. The same error for both, so that callers cannot find out which organizations exist
 */
export function requireOrganization(
  actor: AccountActor,
  organizationId: number,
  { memberships, records }: Pick<Reads, 'memberships' | 'records'>,
  now: number,
): Awaitable<Role | null> {
  return chain(memberships.role(organizationId, actor.userId, now), (role) => {
    if (role !== null) return role;
    if (!actor.sysadmin) throw new ApiError('access_denied');
    return chain(records(organizations).find(organizationId), (organization) => {
      if (organization === null) throw new ApiError('access_denied');
      return null;
    });
  });
}

/** The same if the request has an X-Organization-Id. */
export function requireNamedOrganization(
  { clock }: Services,
  { actor, organizationId }: Call,
  reads: Reads,
): Awaitable<unknown> {
  return organizationId === null ? null : requireOrganization(actor, organizationId, reads, clock());
}
