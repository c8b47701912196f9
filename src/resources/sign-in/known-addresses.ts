// The addresses from which an account has signed in with its password. Sign-ins from these are served earlier, and
// failures of strangers do not block them.

import type { Familiarity } from '../../store/attempts.ts';
import type { Reads, Transaction } from '../../store/store.ts';

const maxKnown = 20;
const dayMs = 24 * 60 * 60 * 1000;
/** After that, sign-ins are throttled like those of strangers. */
const knownForMs = 90 * dayMs;
/** After that, a sign-in is one from a new network. Longer than a session, at whose end somebody signs in again. */
export const rememberedForMs = 365 * dayMs;

/** @param network see networkOf. @param userId 0 if there is no account: false, after the same statement */
export function isKnownAddress(
  { knownAddresses }: Pick<Reads, 'knownAddresses'>,
  userId: number,
  network: string,
  now: number,
): Promise<boolean> {
  return knownAddresses.includes(userId, network, now - knownForMs);
}

/** @returns whether the account has signed in from there within a year */
export function noteAddress(
  { knownAddresses }: Pick<Transaction, 'knownAddresses'>,
  userId: number,
  network: string,
  now: number,
): Promise<Familiarity> {
  return knownAddresses.note(userId, network, { now, since: now - rememberedForMs, maxKept: maxKnown });
}
