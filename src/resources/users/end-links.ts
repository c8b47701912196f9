// What ends the links in mails of an account: a new password or another address, however it comes about.

import type { Transaction } from '../../store/store.ts';

/**
 * Ends the links that set a password and those that confirm an address. Links that undo a change of the address go on
 * working: whoever has taken over an account must not be able to end them.
 * @returns how many it has ended
 */
export function endLinksOf({ links }: Transaction, userId: number, now: number): Promise<number> {
  return links.end({ userId }, ['password_reset', 'email_confirmation'], now);
}
