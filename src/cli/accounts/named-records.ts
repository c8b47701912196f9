// The users and organizations that arguments of commands name.

import { readId } from '../../model/id.ts';
import { type User, users } from '../../resources/users/users.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { CommandError } from '../print.ts';

/** @param user an id or an email */
export async function userOf(reads: Reads, user: string): Promise<User> {
  const id = readId(user);
  const row =
    id !== null
      ? await reads.records(users).find(id)
      : await reads.records(users).findByIdentity('email', user);
  if (row === null) throw new CommandError(`There is no user ${user}`);
  return row;
}

/** Why no credential of the account works, and what mends it; empty where they do. */
export function endOfAccess(user: User, now: number): string[] {
  const endedAt = user.account_access_expires_at;
  if (typeof endedAt !== 'number' || endedAt > now) return [];
  return [
    `No token and no password of this account works, its access ended at ${new Date(endedAt).toISOString()}: ` +
      `muster users update ${user.id} account_access_expires_at= gives it back`,
  ];
}

/** The same in a transaction, to decide by: nobody else changes the user before it ends. */
export async function heldUserOf(transaction: Transaction, user: string): Promise<User> {
  const { id } = await userOf(transaction, user);
  const row = await transaction.records(users).findForUpdate(id);
  if (row === null) throw new CommandError(`There is no user ${user}`);
  return row;
}

/** @param organization an id */
export async function organizationOf(reads: Reads, organization: string): Promise<number> {
  const id = readId(organization);
  const found = id === null ? null : await reads.organizations.find(id);
  if (found === null) throw new CommandError(`There is no organization ${organization}`);
  return found.id;
}
