// POST /sessions: signs in with email and password. Every wrong attempt is answered with the same bytes, after the same
// work: one hash, one transaction, whether the address has an account or not.

import { ApiError } from '../../errors.ts';
import { readRecord } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { networkOf } from '../../model/network.ts';
import type { Hashing } from '../../security/passwords.ts';
import type { SignInOutcome } from '../../security/sign-in-outcomes.ts';
import type { Transaction } from '../../store/store.ts';
import type { OpenWriteCall, Reply, Services } from '../operation.ts';
import { nobody, recordFailure } from '../operations/record-change.ts';
import { createSession } from '../sessions/create-session.ts';
import { sessionReply, signedInActor, signedInCall } from '../sessions/session-reply.ts';
import { type Session, sessions } from '../sessions/sessions.ts';
import { accountWithEmail, hasEnded } from '../users/account-with-email.ts';
import { type User, users } from '../users/users.ts';
import { isKnownAddress, noteAddress } from './known-addresses.ts';
import { noticeNewDevice } from './notice-new-device.ts';
import { readSignIn, type SignIn } from './read-sign-in.ts';
import { readUserAgent } from './read-user-agent.ts';
import { attemptKey, claimAttempt, requireUnblocked } from './sign-in-throttle.ts';

export async function signIn(services: Services, call: OpenWriteCall): Promise<Reply> {
  const selection = readRecordQuery(call.query, sessions, services.queries);
  const given = readSignIn(readRecord(call.body, sessions, null), services.zone);
  try {
    const { user, session } = await attempt(services, call, given);
    services.observeSignIn('success');
    const caller = signedInCall(call, signedInActor(user, session));
    return await sessionReply(services, caller, session, selection);
  } catch (error) {
    const outcome = error instanceof ApiError ? outcomes[error.code] : undefined;
    if (outcome !== undefined) services.observeSignIn(outcome);
    throw error;
  }
}

const outcomes: Readonly<Record<string, SignInOutcome>> = {
  invalid_credentials: 'failure',
  too_many_requests: 'throttled',
  service_unavailable: 'shed',
};

/** Of the event of a sign-in. */
const action = `${sessions.singular}.create`;

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
  // 0 if there is no account, so that the same statements run.
  const userId = (await accountWithEmail(store.read, email))?.id ?? 0;
  const isKnown = await isKnownAddress(store.read, userId, network, clock());
  const budget = isKnown ? 'known_address' : 'stranger';
  const throttle = { key: attemptKey(attemptsSecret, email, budget), clock, write: call.write };
  await requireUnblocked(throttle, store.read);

  // Who is shed does not count as an attempt, and who is blocked reaches neither the hash nor the trail.
  const check = async (hashing: Hashing): Promise<SignedIn | null> => {
    await claimAttempt(throttle);
    const stored = await store.read.passwords.find(userId);
    const isRight = await hashing.verify(stored, password);
    // A hash from another system is replaced as soon as the password is known to be correct.
    const isReplaced = isRight && hashing.isOutdated(stored!);
    const replacement = isReplaced ? await hashing.hash(password) : null;
    const client = await describeClient(call, given);

    return call.write(async (transaction) => {
      const now = clock();
      const user = await lockAccount(transaction, { userId, email, stored, isRight }, now);
      if (typeof user === 'string') {
        const attempted = { action, subjectId: userId === 0 ? null : userId, reason: user };
        recordFailure(transaction, { actor: nobody, origin: call.origin }, attempted);
        return null;
      }
      if (replacement !== null) await transaction.passwords.rehash(userId, replacement);
      await transaction.signInAttempts.forget([throttle.key]);
      const familiarity = await noteAddress(transaction, userId, network, now);
      await noticeNewDevice(services, transaction, { user, client, network: familiarity, now });
      return openSession(services, transaction, call, { user, given, client, now });
    });
  };
  const outcome = await passwords.run(budget, check, throttle.key, call.gone());
  if (outcome === null) throw new ApiError('invalid_credentials');
  return outcome;
}

/** Why nobody is signed in. Only the audit trail shows it. */
type Refusal = 'unknown_address' | 'no_password' | 'wrong_password' | 'expired' | 'changed_meanwhile';

interface Proof {
  readonly userId: number;
  readonly email: string;
  /** The hash that the password was checked against. */
  readonly stored: string | null;
  readonly isRight: boolean;
}

/**
 * The account, locked, if it may sign in: hashing took time, in which it may have been deleted, or have got an end,
 * another password or another address.
 */
async function lockAccount(transaction: Transaction, proof: Proof, now: number): Promise<User | Refusal> {
  const { userId, email, stored, isRight } = proof;
  if (userId === 0) return 'unknown_address';
  if (!isRight) return stored === null ? 'no_password' : 'wrong_password';
  const user = await transaction.records(users).findForUpdate(userId);
  const isSame = user !== null && (await transaction.passwords.find(userId)) === stored;
  if (!isSame || (await accountWithEmail(transaction, email))?.id !== userId) return 'changed_meanwhile';
  return hasEnded(user, now) ? 'expired' : user;
}

interface NewSignIn {
  readonly user: User;
  readonly given: SignIn;
  readonly client: Awaited<ReturnType<typeof describeClient>>;
  readonly now: number;
}

async function openSession(
  { sessionLimits }: Services,
  transaction: Transaction,
  { origin }: OpenWriteCall,
  { user, given, client, now }: NewSignIn,
): Promise<SignedIn> {
  const { read_only, app_version } = given;
  // The session has no id yet.
  const actor = signedInActor(user, { id: 0, read_only, created_at: now });
  const { session, token } = await createSession(
    transaction,
    { actor, origin },
    { user_id: user.id, machine: false, read_only, ...client },
    { limits: sessionLimits, now, details: app_version === null ? {} : { app_version } },
  );
  return { user, session: { ...session, token } };
}

/** What the client says of itself, else what its User-Agent says. */
async function describeClient(call: OpenWriteCall, { name, device, platform, browser }: SignIn) {
  const read = await readUserAgent(call.origin().userAgent);
  return {
    name,
    device: device ?? read.device,
    platform: platform ?? read.platform,
    browser: browser ?? read.browser,
    last_ip: call.clientAddress(),
  };
}
