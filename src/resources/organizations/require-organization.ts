import { ApiError } from '../../errors.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { Reads } from '../../store/store.ts';
import type { CallerRoles } from '../memberships/caller-roles.ts';
import type { Call } from '../operation.ts';
import { organizations } from './organizations.ts';

/**
 * Checks that the caller may name the organization in X-Organization-Id, if there is one: as a current member, or as a
 * sysadmin.
 * @throws ApiError access_denied. The same error if the organization does not exist, so that callers cannot find out
 * which organizations exist
 */
export function requireNamedOrganization(
  { actor, organizationId }: Pick<Call, 'actor' | 'organizationId'>,
  { records }: Pick<Reads, 'records'>,
  roles: CallerRoles,
): Awaitable<unknown> {
  if (organizationId === null || roles[organizationId] !== undefined) return null;
  if (!actor.sysadmin) throw new ApiError('access_denied');
  return chain(records(organizations).find(organizationId), (organization) => {
    if (organization === null) throw new ApiError('access_denied');
    return null;
  });
}
