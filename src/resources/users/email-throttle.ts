// A change of one's own email tells whether another account has that address. So finding taken ones is slowed for those
// who do not see everybody anyway, by a counter of its own: a right password forgives nothing here, nor does a free address.

import type { ApiError, ErrorObject } from '../../errors.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import type { Transaction } from '../../store/store.ts';
import { identityTaken } from '../operations/identities.ts';
import type { Asked } from '../operations/write-rules.ts';
import { attemptState, setFailures, tooManyAttempts } from './growing-delay.ts';
import type { User, users } from './users.ts';

type Change = Asked<typeof users> & { readonly current: User };

/** After so long without a taken address the next one is the first. */
const forgetAfterMs = 24 * 60 * 60 * 1000;

/**
 * In the transaction that holds the account's row.
 * @param attempt throws where the address is taken; it has written nothing then
 * @param violations of the last attempt
 * @returns what `attempt` returns, or the error to throw after the commit, which keeps the count
 */
export async function slowTakenAddresses<T>(
  { emailAttempts }: Transaction,
  asked: Change,
  attempt: () => Promise<T>,
  violations: () => readonly ErrorObject[],
): Promise<T | ApiError> {
  if (!asksForAddress(asked)) return attempt();
  const { current, now } = asked;
  const { failures, waitMs, quietMs } = await attemptState(emailAttempts, current.id, now);
  if (waitMs > 0) return tooManyAttempts('Too many addresses that are taken, try again later', waitMs);
  try {
    return await attempt();
  } catch (error) {
    if (!violations().some(isTaken)) throw error;
    await setFailures(emailAttempts, current.id, quietMs > forgetAfterMs ? 1 : failures + 1, now);
    return error as ApiError;
  }
}

/** Whether the change tells of an address that the caller does not see. */
function asksForAddress({ actor, current, wanted }: Change): boolean {
  return (
    typeof wanted.email === 'string' &&
    actor.userId === current.id &&
    !actor.powers.includes('manage_users') &&
    mailboxKey(wanted.email) !== mailboxKey(current.email)
  );
}

const taken = identityTaken('email');

function isTaken({ source, detail }: ErrorObject): boolean {
  return source.pointer === taken.source.pointer && detail === taken.detail;
}
