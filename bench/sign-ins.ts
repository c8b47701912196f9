// Accounts that sign in, and what the benchmarks need of their sessions.

import { system } from '../src/model/actor.ts';
import { createSession } from '../src/resources/sessions/create-session.ts';
import { users } from '../src/resources/users/users.ts';
import { passwordHasher } from '../src/security/passwords.ts';
import { sessionLimits } from '../src/security/session-limits.ts';
import type { Store } from '../src/store/store.ts';
import { request } from './measure.ts';

export const password = 'bench password 1';

/** The token of a sign-in of the first account, whose API token is `token` of fill.ts. */
export const signInToken = 'bench-sign-in-token-bench-sign-in-token';

/** The token of a sign-in of an account that has 30 of them. */
export const tokenOfMany = 'bench-sign-in-of-many-bench-sign-in-of-many';

/** Settings of a service that takes the client's address from X-Forwarded-For: the requests come from many addresses. */
export const behindProxy = { MUSTER_TRUSTED_PROXIES: '127.0.0.1' };

const ofMany = { userId: 99, sessions: 30 };
/** `firstNumber` is that of the email in fill.ts. It need not be the id: an import writes batches beside each other on PostgreSQL. */
const withPassword = { firstNumber: 100, count: 200 };
const author = { actor: system, origin: () => null };
const limits = sessionLimits({
  sessionProfile: 'standard',
  sessionIdleMinutes: null,
  sessionAbsoluteMinutes: null,
});

export async function addSignIns(store: Store): Promise<void> {
  const now = Date.now();
  const hash = await passwordHasher(1).run('signed_in', (hashing) => hashing.hash(password));
  const { findByIdentity } = store.read.records(users);
  const emails = Array.from({ length: withPassword.count }, (_, i) => emailOf(i));
  const accounts = await Promise.all(emails.map((email) => findByIdentity('email', email)));
  const passwords = accounts.map((account) => ({ userId: account!.id, hash }));
  const signIn = (user_id: number, token?: string) =>
    store.write((transaction) => {
      const session = { user_id, machine: false, device: 'desktop', ...(token && { token }) };
      return createSession(transaction, author, session, { limits, now });
    });
  await store.write((transaction) => transaction.passwords.setMany(passwords, now));
  await signIn(1, signInToken);
  await signIn(ofMany.userId, tokenOfMany);
  for (let i = 1; i < ofMany.sessions; i++) await signIn(ofMany.userId);
}

/** The address of one of the accounts that have the password. @param i any number */
export function emailOf(i: number): string {
  return `person${withPassword.firstNumber + (i % withPassword.count)}@example.com`;
}

/** @param i any number; each has another client address */
export function addressOf(i: number): string {
  return `10.${(i >> 16) % 256}.${(i >> 8) % 256}.${i % 256}`;
}

export function signInRequest(email: string, password: string, address: string): string {
  const body = JSON.stringify({ data: { type: 'sessions', attributes: { email, password } } });
  return request('POST', '/api/v2/sessions', null, { body, headers: { 'X-Forwarded-For': address } });
}
