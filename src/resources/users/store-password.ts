// A new password for an account, and what ends with it.

import type { Transaction } from '../../store/store.ts';

/**
 * Ends every sign-in of the account but the one that asks; API tokens stay.
 * @param current.tokenId the sign-in that stays, null where it is not the account's own
 * @returns how many sign-ins were ended
 */
export async function storePassword(
  transaction: Transaction,
  userId: number,
  hash: string,
  current: { readonly now: number; readonly tokenId: number | null },
): Promise<number> {
  await transaction.passwords.set(userId, hash, current.now);
  return transaction.tokens.revokeSessions(userId, current.tokenId);
}
