// Finds the users, organizations and memberships that command-line arguments refer to.

import { readId } from '../../model/id.ts';
import { type Invitation, invitations } from '../../resources/invitations/invitations.ts';
import { type Membership, memberships } from '../../resources/memberships/memberships.ts';
import { type Organization, organizations } from '../../resources/organizations/organizations.ts';
import { type User, users } from '../../resources/users/users.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { CommandError } from '../print.ts';

/** @param user an id or an email. @throws CommandError if there is no such user */
export async function userOf(reads: Reads, user: string): Promise<User> {
  const id = readId(user);
  const row =
    id !== null
      ? await reads.records(users).find(id)
      : await reads.records(users).findByIdentity('email', user);
  if (row === null) throw new CommandError(`There is no user ${user}`);
  return row;
}

/** A note if the access of the account has ended, with the command that restores it; else empty. */
export function endOfAccess(user: User, now: number): string[] {
  const endedAt = user.account_access_expires_at;
  if (typeof endedAt !== 'number' || endedAt > now) return [];
  return [
    `No token and no password of this account works, because its access ended at ${new Date(endedAt).toISOString()}. ` +
      `To restore it: muster users update ${user.id} account_access_expires_at=`,
  ];
}

/** Like `userOf`, in a transaction, and locks the row: nobody else changes the user before the transaction ends. */
export async function heldUserOf(transaction: Transaction, user: string): Promise<User> {
  const { id } = await userOf(transaction, user);
  const row = await transaction.records(users).findForUpdate(id);
  if (row === null) throw new CommandError(`There is no user ${user}`);
  return row;
}

/** @param organization an id. @throws CommandError if there is no such organization */
export async function organizationOf(reads: Reads, organization: string): Promise<Organization> {
  const id = readId(organization);
  const found = id === null ? null : await reads.records(organizations).find(id);
  if (found === null) throw new CommandError(`There is no organization ${organization}`);
  return found;
}

/** @throws CommandError if there is no such organization or user, or the user is not a member */
export async function membershipOf(
  reads: Reads,
  { organization, user }: { readonly organization: string; readonly user: string },
): Promise<Membership> {
  const { id } = await organizationOf(reads, organization);
  const found = await membershipIn(reads, id, (await userOf(reads, user)).id);
  if (found === null) throw new CommandError(`User ${user} is not a member of organization ${organization}`);
  return found;
}

/** @param invitation an id. @throws CommandError if there is no such invitation */
export async function invitationOf(reads: Reads, invitation: string): Promise<Invitation> {
  const id = readId(invitation);
  const found = id === null ? null : await reads.records(invitations).find(id);
  if (found === null) throw new CommandError(`There is no invitation ${invitation}`);
  return found;
}

/** Also if it has ended; null if there is none. */
export async function membershipIn(
  reads: Reads,
  organizationId: number,
  userId: number,
): Promise<Membership | null> {
  const id = await reads.memberships.idOf(organizationId, userId);
  return id === null ? null : reads.records(memberships).find(id);
}
