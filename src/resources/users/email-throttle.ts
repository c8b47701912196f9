// Changing one's own email reveals whether another account has that address. So attempts that find taken addresses
// are slowed down, except for callers who see all accounts anyway. They have their own counter; it is not reset by a
// correct password, nor by an address that is free.

import type { ApiError, ErrorObject } from '../../errors.ts';
import { managesUsers } from '../../model/actor.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import type { Transaction } from '../../store/store.ts';
import { attemptState, setFailures, tooManyAttempts } from '../growing-delay.ts';
import { identityTaken } from '../operations/identities.ts';
import type { Asked } from '../operations/write-rules.ts';
import type { User, users } from './users.ts';

type Change = Asked<typeof users> & { readonly current: User };

/** After this time without an attempt, the count starts again. */
const forgetAfterMs = 24 * 60 * 60 * 1000;

/**
 * Runs in the transaction that has locked the account's row.
 * @param attempt does the update; throws if the address is taken, and has written nothing then
 * @param violations returns the violations of the last attempt
 * @returns the result of `attempt`, or the error to throw after the commit: the commit stores the count
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
  if (waitMs > 0)
    return tooManyAttempts('Too many email addresses that are already taken, try again later', waitMs);
  try {
    return await attempt();
  } catch (error) {
    if (!violations().some(isTaken)) throw error;
    await setFailures(emailAttempts, current.id, quietMs > forgetAfterMs ? 1 : failures + 1, now);
    return error as ApiError;
  }
}

/** Whether the change could reveal an address that the caller cannot see. */
function asksForAddress({ actor, current, wanted }: Change): boolean {
  return (
    typeof wanted.email === 'string' &&
    actor.userId === current.id &&
    !managesUsers(actor) &&
    mailboxKey(wanted.email) !== mailboxKey(current.email)
  );
}

const taken = identityTaken('email');

function isTaken({ source, detail }: ErrorObject): boolean {
  return source.pointer === taken.source.pointer && detail === taken.detail;
}
