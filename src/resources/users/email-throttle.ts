// A change of one's own email tells whether another account has that address. So finding taken ones is slowed for those
// who do not see everybody anyway, by a counter of its own: a right password forgives nothing here, nor does a free address.

import type { ApiError } from '../../errors.ts';
import type { Actor } from '../../model/actor.ts';
import type { Stored } from '../../model/kind.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import type { Row } from '../../model/resource.ts';
import type { Transaction } from '../../store/store.ts';
import { attemptState, setFailures, tooManyAttempts } from './growing-delay.ts';

/** After so long without a taken address the next one is the first. */
const forgetAfterMs = 24 * 60 * 60 * 1000;

/** Whether the change tells of an address that the caller does not see. */
export function asksForAddress(
  actor: Actor,
  current: Row | null,
  wanted: Readonly<Record<string, Stored>>,
): boolean {
  return (
    typeof wanted.email === 'string' &&
    actor.userId === current?.id &&
    !actor.powers.includes('manage_users') &&
    mailboxKey(wanted.email) !== mailboxKey(current.email as string)
  );
}

/**
 * In the transaction that holds the account's row.
 * @param attempt throws where the address is taken; it has written nothing then
 * @param foundTaken whether that is why it threw
 * @returns what `attempt` returns, or the error to throw after the commit, which keeps the count
 */
export async function slowTakenAddresses<T>(
  { emailAttempts }: Transaction,
  userId: number,
  now: number,
  attempt: () => Promise<T>,
  foundTaken: () => boolean,
): Promise<T | ApiError> {
  const { failures, waitMs, quietMs } = await attemptState(emailAttempts, userId, now);
  if (waitMs > 0) return tooManyAttempts('Too many addresses that are taken, try again later', waitMs);
  try {
    return await attempt();
  } catch (error) {
    if (!foundTaken()) throw error;
    await setFailures(emailAttempts, userId, quietMs > forgetAfterMs ? 1 : failures + 1, now);
    return error as ApiError;
  }
}
