// Checks the password that callers give to show who they are. Every such check counts as an attempt of the account.

import { ApiError, violation } from '../../errors.ts';
import type { Hashing } from '../../security/passwords.ts';
import type { Transaction } from '../../store/store.ts';
import type { Services, WriteCall } from '../operation.ts';
import { recordFailure } from '../operations/record-change.ts';
import { countAttempt } from './password-throttle.ts';
import { type User, users } from './users.ts';

/** Waits for a place in the queue of hashes, to check the password of a caller. */
export function withPlace<T>(
  { passwords }: Services,
  { actor, gone }: WriteCall,
  work: (hashing: Hashing) => Promise<T>,
): Promise<T> {
  return passwords.run('signed_in', work, `account ${actor.userId}`, gone());
}

/** What the caller wants to do with the password. */
export interface PasswordUse {
  /** Of the event that a wrong password leaves. */
  readonly action: string;
  /** The attribute of the request that has the password. */
  readonly attribute: string;
}

/**
 * Call it with a place in the queue of hashes: an attempt that is shed does not count.
 * @returns the hash that the password was checked against, for `requireProven`
 * @throws ApiError invalid_attribute, too_many_requests
 */
export async function provePassword(
  services: Services,
  call: WriteCall,
  hashing: Hashing,
  password: string,
  { action, attribute }: PasswordUse,
): Promise<string> {
  const { store } = services;
  const { userId } = call.actor;
  await countAttempt(services, call, userId);
  const stored = await store.read.passwords.find(userId);
  if (!(await hashing.verify(stored, password))) {
    const failed = { action, subjectId: userId, reason: 'wrong_password' };
    await call.write(async (transaction) => recordFailure(transaction, call, failed));
    throw wrong(attribute);
  }
  // A hash from another system is replaced as soon as the password is known to be correct.
  const proven = hashing.isOutdated(stored!) ? await hashing.hash(password) : stored!;
  await call.write(async (transaction) => {
    await requireProven(transaction, userId, stored, attribute);
    await transaction.passwords.setAttempts(userId, 0, 0);
    if (proven !== stored) await transaction.passwords.rehash(userId, proven);
  });
  return proven;
}

/**
 * Locks the account, and checks that the password that was proven is still the current one.
 * @returns the account
 * @throws ApiError invalid_attribute if another change came first
 */
export async function requireProven(
  transaction: Transaction,
  userId: number,
  proven: string | null,
  attribute: string,
): Promise<User> {
  const user = await transaction.records(users).findForUpdate(userId);
  if (user === null) throw new ApiError('record_not_found');
  if ((await transaction.passwords.find(userId)) !== proven) throw wrong(attribute);
  return user;
}

function wrong(attribute: string): ApiError {
  return ApiError.of([violation(attribute, 'is not valid')]);
}
