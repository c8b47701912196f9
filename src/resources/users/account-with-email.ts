// The account that somebody names by an address that they type.

import { maxEmailOctets } from '../../model/mailbox.ts';
import { isStorableText, normalized } from '../../model/text.ts';
import type { Reads } from '../../store/store.ts';
import { type User, users } from './users.ts';

/** Null if no account has this address, or the text cannot be one. */
export async function accountWithEmail(reads: Pick<Reads, 'records'>, email: string): Promise<User | null> {
  return canBeAddress(email) ? reads.records(users).findByIdentity('email', email) : null;
}

/** False for texts that are too long, maybe also for being folded. */
export function canBeAddress(text: string): boolean {
  return isStorableText(text) && normalized(text, maxEmailOctets) !== undefined;
}

/** Whether no password, token or link of the account works any more. */
export function hasEnded({ account_access_expires_at: end }: User, now: number): boolean {
  return end !== null && end <= now;
}
