// POST /sessions: signs in with email and password. Every wrong attempt is answered with the same bytes, after the same
// work: one hash, one transaction, whether the address has an account or not.

import { ApiError } from '../../errors.ts';
import { readDocument } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { maxEmailOctets } from '../../model/mailbox.ts';
import { networkOf } from '../../model/network.ts';
import { isStorableText, normalized } from '../../model/text.ts';
import type { SignInOutcome } from '../../security/sign-in-outcomes.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import type { OpenWriteCall, Reply, Services } from '../operation.ts';
import { type User, users } from '../users/users.ts';
import { createSession } from './create-session.ts';
import { isKnownAddress, noteAddress } from './known-addresses.ts';
import { readSignIn, type SignIn } from './read-sign-in.ts';
import { readUserAgent } from './read-user-agent.ts';
import { sessionReply, signedInActor, signedInCall } from './session-reply.ts';
import { type Session, sessions } from './sessions.ts';
import { attemptKey, claimAttempt, requireUnblocked } from './sign-in-throttle.ts';

export async function signIn(services: Services, call: OpenWriteCall): Promise<Reply> {
  const selection = readRecordQuery(call.query, sessions, services.queries);
  const given = readSignIn(readDocument(call.body, { type: sessions.type, id: null }), services.zone);
  try {
    const { user, session } = await attempt(services, call, given);
    services.observeSignIn('success');
    const caller = signedInCall(call, signedInActor(user, session));
    return await sessionReply(services, caller, session, selection);
  } catch (error) {
    const outcome = error instanceof ApiError ? refusals[error.code] : undefined;
    if (outcome !== undefined) services.observeSignIn(outcome);
    throw error;
  }
}

const refusals: Readonly<Record<string, SignInOutcome>> = {
  invalid_credentials: 'failure',
  too_many_requests: 'throttled',
  service_unavailable: 'shed',
};

interface SignedIn {
  readonly user: User;
  /** With its token. */
  readonly session: Session;
}

/** @throws ApiError invalid_credentials, too_many_requests, service_unavailable */
async function attempt(services: Services, call: OpenWriteCall, given: SignIn): Promise<SignedIn> {
  const { store, clock, passwords, attemptsSecret } = services;
  const { email, password } = given;
  const network = networkOf(call.clientAddress());
  // 0 where there is no account, so that the same questions are asked.
  const userId = (await accountWith(store.read, email))?.id ?? 0;
  const isKnown = await isKnownAddress(store.read, userId, network, clock());
  const budget = isKnown ? 'known_address' : 'stranger';
  const throttle = { key: attemptKey(attemptsSecret, email, budget), clock, write: call.write };
  await requireUnblocked(throttle, store.read);

  // Who is shed does not count as an attempt, and who is blocked reaches neither the hash nor the trail.
  const signedIn = await passwords.run(budget, async (hashing) => {
    await claimAttempt(throttle);
    const stored = await store.read.passwords.find(userId);
    const isRight = await hashing.verify(stored, password);
    // A hash from another system is replaced as soon as the password is known to be correct.
    const proven = isRight && hashing.isOutdated(stored!) ? await hashing.hash(password) : stored;
    const client = await describeClient(call, given);

    return call.write(async (transaction) => {
      const user = isRight ? await lockAccount(transaction, { userId, email, stored }, clock()) : null;
      if (user === null) return null;
      const now = clock();
      if (proven !== stored) await transaction.passwords.set(userId, proven!, now);
      await transaction.signInAttempts.forget([throttle.key]);
      await noteAddress(transaction, userId, network, now);
      const { read_only } = given;
      // The session has no id yet.
      const actor = signedInActor(user, { id: 0, read_only, created_at: now });
      const author = { actor, origin: call.origin };
      const row = { user_id: userId, machine: false, read_only, ...client };
      const { session, token } = await createSession(transaction, author, row, {
        limits: services.sessionLimits,
        now,
      });
      return { user, session: { ...session, token } };
    });
  });
  if (signedIn === null) throw new ApiError('invalid_credentials');
  return signedIn;
}

/** Null if no account has this address, or the text cannot be one. */
async function accountWith(reads: Pick<Reads, 'records'>, email: string): Promise<User | null> {
  if (!isStorableText(email) || normalized(email, maxEmailOctets) === undefined) return null;
  return reads.records(users).findByIdentity('email', email);
}

/**
 * The account, locked, if it may still sign in: hashing took time, in which it may have been deleted, or have got an end,
 * another password or another address.
 * @param proven.stored the hash that the password was checked against
 */
async function lockAccount(
  transaction: Transaction,
  proven: { readonly userId: number; readonly email: string; readonly stored: string | null },
  now: number,
): Promise<User | null> {
  const user = await transaction.records(users).findForUpdate(proven.userId);
  if (user === null) return null;
  const { account_access_expires_at: end } = user;
  if (end !== null && end <= now) return null;
  if ((await transaction.passwords.find(user.id)) !== proven.stored) return null;
  return (await accountWith(transaction, proven.email))?.id === user.id ? user : null;
}

/** What the client says of itself, else what its User-Agent says. */
async function describeClient(call: OpenWriteCall, given: SignIn) {
  const read = await readUserAgent(call.origin().userAgent);
  return {
    name: given.name,
    device: given.device ?? read.device,
    platform: given.platform ?? read.platform,
    browser: given.browser ?? read.browser,
    last_ip: call.clientAddress(),
  };
}
