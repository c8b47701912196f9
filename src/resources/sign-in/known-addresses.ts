// The addresses from which an account has signed in with its password. Sign-ins from these are served earlier, and
// failures of strangers do not block them.

import type { Reads, Transaction } from '../../store/store.ts';

const maxKnown = 20;
const dayMs = 24 * 60 * 60 * 1000;
export const knownForMs = 90 * dayMs;

/** @param network see networkOf. @param userId 0 if there is no account: false, after the same statement */
export function isKnownAddress(
  { knownAddresses }: Pick<Reads, 'knownAddresses'>,
  userId: number,
  network: string,
  now: number,
): Promise<boolean> {
  return knownAddresses.includes(userId, network, now - knownForMs);
}

export function noteAddress(
  { knownAddresses }: Pick<Transaction, 'knownAddresses'>,
  userId: number,
  network: string,
  now: number,
): Promise<void> {
  return knownAddresses.note(userId, network, now, maxKnown);
}
