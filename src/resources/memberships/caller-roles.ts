// The roles of the caller by organization: the facts that decide what it sees and may do within organizations.

import type { Actor, Role } from '../../model/actor.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import { type Comparison, equals } from '../../model/query.ts';
import type { Reads } from '../../store/store.ts';

/** By organization. */
export type CallerRoles = Readonly<Record<number, Role>>;

/** Without memberships that have ended. @param now milliseconds since 1970 */
export function callerRoles({ userId }: Actor, { memberships }: Reads, now: number): Awaitable<CallerRoles> {
  return chain(userId === null ? [] : memberships.ofUser(userId, now), (found) =>
    Object.fromEntries(found.map(({ organization_id, role }) => [organization_id, role])),
  );
}

/** Whether the role is one of those that manage the members of an organization. */
export function isAdministrator(role: Role | null | undefined): boolean {
  return role === 'owner' || role === 'admin';
}

/** Ids of the organizations in which the caller has a role that passes the test. */
export function organizationsWhere(roles: CallerRoles, test: (role: Role) => boolean): number[] {
  return Object.entries(roles).flatMap(([id, role]) => (test(role) ? [Number(id)] : []));
}

/** Records of the organizations in which the caller has a role, or only a role that passes the test. */
export function inOrganizations(
  roles: CallerRoles,
  test: (role: Role) => boolean = () => true,
): Comparison | null {
  const values = organizationsWhere(roles, test);
  return values.length === 0 ? null : { attribute: 'organization_id', operator: 'eq', values };
}

/** Records of the organization in X-Organization-Id; null, for all records, without one. */
export function inNamedOrganization(organizationId: number | null): Comparison | null {
  if (organizationId === null) return null;
  return equals('organization_id', organizationId);
}

/** The roles that count for a request with X-Organization-Id. */
export function rolesWithin(roles: CallerRoles, organizationId: number | null): CallerRoles {
  if (organizationId === null) return roles;
  const role = roles[organizationId];
  return role === undefined ? {} : { [organizationId]: role };
}
