// The default organization of an account is one that it is a member of. The first membership becomes it; when it is lost,
// the oldest other one takes its place, or none.

import type { Role } from '../../model/actor.ts';
import type { Row } from '../../model/resource.ts';
import type { ReadSession, Session } from '../../store/store.ts';
import { changedColumns } from './changed-columns.ts';

export async function mayBeDefault(
  { memberships }: ReadSession,
  userId: number,
  organizationId: number,
): Promise<boolean> {
  return (await memberships.role(organizationId, userId)) !== null;
}

/** @param user its row, held in this transaction */
export async function joinOrganization(
  session: Session,
  user: Row,
  membership: { readonly organizationId: number; readonly role: Role },
  now: number,
): Promise<void> {
  const { organizationId, role } = membership;
  await session.memberships.set(organizationId, user.id as number, role, now);
  if (user.default_organization_id === null) await setDefault(session, user, organizationId, now);
}

/** @param user its row, held in this transaction. @returns false where it is no member */
export async function leaveOrganization(
  session: Session,
  user: Row,
  organizationId: number,
  now: number,
): Promise<boolean> {
  const userId = user.id as number;
  if (!(await session.memberships.remove(organizationId, userId))) return false;
  if (user.default_organization_id === organizationId)
    await setDefault(session, user, await session.memberships.oldest(userId), now);
  return true;
}

async function setDefault(session: Session, user: Row, id: number | null, now: number): Promise<void> {
  await session.users.update(user.id as number, changedColumns(user, { default_organization_id: id }, now));
}
