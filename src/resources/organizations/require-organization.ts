import { ApiError } from '../../errors.ts';
import type { AccountActor, Role } from '../../model/actor.ts';
import type { Reads } from '../../store/store.ts';
import { organizations } from './organizations.ts';

/**
 * The caller's role in the organization in X-Organization-Id; null for a sysadmin who is not a current member of it.
 * @param now milliseconds since 1970
 * @throws ApiError access_denied if the organization does not exist, or the caller is neither a current member nor
 * a sysadmin. The same error for both, so that callers cannot find out which organizations exist
 */
export async function requireOrganization(
  actor: AccountActor,
  organizationId: number,
  { memberships, records }: Pick<Reads, 'memberships' | 'records'>,
  now: number,
): Promise<Role | null> {
  const role = await memberships.role(organizationId, actor.userId, now);
  if (role !== null) return role;
  const isKnown = actor.sysadmin && (await records(organizations).find(organizationId)) !== null;
  if (!isKnown) throw new ApiError('access_denied');
  return null;
}
