// An address that an account has left is taken for all others, until the link that undoes the change is used or expires.
// Triggers hold this for every write. Operations ask first, to name the attribute.

import type { ErrorObject } from '../../errors.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import type { Reads } from '../../store/store.ts';
import { identityTaken } from '../operations/identities.ts';
import { users } from './users.ts';

/**
 * @param email that an account is to get; undefined for none
 * @param userId the account, which may take back an address of its own; null if it does not exist yet
 */
export async function reservedAddress(
  { links, records }: Pick<Reads, 'links' | 'records'>,
  email: string | undefined,
  userId: number | null,
  now: number,
): Promise<ErrorObject[]> {
  if (email === undefined) return [];
  const key = mailboxKey(email);
  const holder = (await links.reserved([key], now)).get(key);
  if (holder === undefined || holder === userId) return [];
  // If its account has taken it back, the rule of unique addresses is broken, and says so.
  const isHeld = (await records(users).findByIdentity('email', email)) !== null;
  return isHeld ? [] : [identityTaken('email')];
}
