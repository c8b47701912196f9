// Slows down wrong passwords of sign-ins. They are counted by the address that was typed, whether an account has it or
// not, so the answers do not show which addresses have accounts. Known addresses of the account have a count of their
// own, so that strangers cannot lock its owner out.

import { createHmac } from 'node:crypto';
import type { ApiError } from '../../errors.ts';
import { mailboxKey, maxEmailOctets } from '../../model/mailbox.ts';
import { normalized } from '../../model/text.ts';
import type { AttemptCount } from '../../store/attempts.ts';
import type { Reads, Transaction, Writes } from '../../store/store.ts';
import { countOf, currentCount, tooManyAttempts, waitMsOf } from '../growing-delay.ts';
import type { Clock } from '../operation.ts';

/** Whose failures are counted together: sign-ins from known addresses of the account, or all others. */
export type Budget = 'known_address' | 'stranger';

const budgets: readonly Budget[] = ['known_address', 'stranger'];

/** Name of the server's secret under which typed addresses are digested. */
export const attemptsSecretName = 'sign_in_attempts';

const dayMs = 24 * 60 * 60 * 1000;

/** A digest, so that the database does not hold addresses that somebody typed by mistake, such as a password. */
export function attemptKey(secret: string, email: string, budget: Budget): string {
  // Too long for an address, and maybe for normalizing.
  const folded = normalized(email, maxEmailOctets) === undefined ? email : mailboxKey(email);
  return createHmac('sha256', secret).update(`${budget} ${folded}`).digest('base64url');
}

/** Throttles the attempts of one key. `clock` returns milliseconds since 1970. */
export interface Throttle {
  readonly key: string;
  readonly clock: Clock;
  readonly write: Writes['write'];
}

/** @throws ApiError too_many_requests while attempts are blocked */
export async function requireUnblocked(
  { key, clock, write }: Throttle,
  { signInAttempts }: Pick<Reads, 'signInAttempts'>,
): Promise<void> {
  const stored = await signInAttempts.find(key);
  const now = clock();
  const current = currentCount(stored, now);
  const waitMs = waitMsOf(current, now);
  if (waitMs === 0) return;
  // Stored, so that the wait ends although the clock was set back.
  if (current !== stored) await write((transaction) => replaceCount(transaction, key, stored, current, now));
  throw blocked(waitMs);
}

/**
 * Counts an attempt as failed, before its password is checked. Of attempts at the same moment, also in other processes,
 * each is counted: who finds that another was faster counts again.
 * @throws ApiError too_many_requests if attempts are blocked by now
 */
export async function claimAttempt({ key, clock, write }: Throttle): Promise<void> {
  const count = async (transaction: Transaction): Promise<number> => {
    for (;;) {
      const known = await transaction.signInAttempts.find(key);
      const now = clock();
      // The clock of another instance may be ahead.
      const wait = waitMsOf(currentCount(known, now), now);
      if (wait > 0) return wait;
      if (await replaceCount(transaction, key, known, countOf(known.failures + 1, now), now)) return 0;
    }
  };
  // Synced with what the attempt writes in the end, at the latest. Nobody learns the result before that.
  const waitMs = await write(count, undefined, 'later');
  if (waitMs > 0) throw blocked(waitMs);
}

/**
 * A count is forgotten after as many days without an attempt as it has failures. So in the long run nobody gets more
 * than one attempt a day for nothing, and the many counts of one failure are soon gone.
 */
function replaceCount(
  { signInAttempts }: Transaction,
  key: string,
  known: AttemptCount,
  next: AttemptCount,
  now: number,
): Promise<boolean> {
  return signInAttempts.replace(key, known, next, now + next.failures * dayMs);
}

function blocked(waitMs: number): ApiError {
  return tooManyAttempts('Too many failed sign-ins, try again later', waitMs);
}

/** How long sign-ins with this address must wait now, in milliseconds, by budget. */
export async function signInWaits(
  { secrets, signInAttempts }: Pick<Reads, 'secrets' | 'signInAttempts'>,
  email: string,
  now: number,
): Promise<Readonly<Record<Budget, number>>> {
  const secret = await secrets.find(attemptsSecretName);
  const waitFor = async (budget: Budget) => {
    // Without a secret, no server has started yet.
    if (secret === null) return 0;
    const stored = await signInAttempts.find(attemptKey(secret, email, budget));
    return waitMsOf(currentCount(stored, now), now);
  };
  return { known_address: await waitFor('known_address'), stranger: await waitFor('stranger') };
}

/** Allows sign-ins with this address at once, from everywhere. */
export async function forgetFailedSignIns(
  { secrets, signInAttempts }: Pick<Transaction, 'secrets' | 'signInAttempts'>,
  email: string,
): Promise<void> {
  const secret = await secrets.find(attemptsSecretName);
  if (secret === null) return;
  await signInAttempts.forget(budgets.map((budget) => attemptKey(secret, email, budget)));
}
