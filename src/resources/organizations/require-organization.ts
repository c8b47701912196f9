import { ApiError } from '../../errors.ts';
import type { AccountActor, Role } from '../../model/actor.ts';
import type { Reads } from '../../store/store.ts';

/**
 * What the caller is in the organization that X-Organization-Id names; null for a sysadmin who is no member of it.
 * @throws ApiError access_denied if it does not exist, or the caller is neither a member nor a sysadmin: nobody learns
 * which organizations there are
 */
export async function requireOrganization(
  actor: AccountActor,
  organizationId: number,
  { memberships, organizations }: Pick<Reads, 'memberships' | 'organizations'>,
): Promise<Role | null> {
  const role = await memberships.role(organizationId, actor.userId);
  if (role !== null) return role;
  const isKnown = actor.sysadmin && (await organizations.find(organizationId)) !== null;
  if (!isKnown) throw new ApiError('access_denied');
  return null;
}
