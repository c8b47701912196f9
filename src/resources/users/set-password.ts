// Sets the password of an account and ends its sign-ins.

import { ApiError, violation } from '../../errors.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import type { SessionRow } from '../../store/sessions.ts';
import type { Transaction } from '../../store/store.ts';
import { type Author, recordChange, showToAccount } from '../operations/record-change.ts';
import type { Writer, WriteServices } from '../operations/write-rules.ts';
import { forgetFailedSignIns } from '../sign-in/sign-in-throttle.ts';
import { type User, users } from './users.ts';

/** Of the event of a new password. */
export const verb = 'update_password';

/**
 * Stores a password and ends all sign-ins of the account, except the caller's own. API tokens are kept.
 * @param user locked in this transaction
 * @returns the number of sign-ins that ended
 */
export async function storePassword(
  transaction: Transaction,
  author: Author,
  user: User,
  hash: string,
  now: number,
): Promise<number> {
  const { actor } = author;
  await transaction.passwords.set(user.id, hash, now);
  const ended = await transaction.sessions.endSignIns(
    user.id,
    actor.userId === user.id ? actor.sessionId : null,
  );
  showToAccount(transaction, author, user.id);
  recordChange(transaction, author, users, {
    verb,
    before: user,
    after: user,
    more: [{ attribute: 'password', changed: true }],
    details: { sign_ins_ended: ended },
  });
  return ended;
}

/**
 * Sets a new password for a user who has lost theirs. Also resets failed attempts and failed sign-ins.
 * @returns the number of sign-ins that ended, and the sessions that are left
 * @throws ApiError
 */
export async function setPassword(
  { passwords, passwordPolicy, clock }: WriteServices,
  writer: Writer,
  user: User,
  password: string,
): Promise<{ signInsEnded: number; sessions: readonly SessionRow[] }> {
  const { id } = user;
  const rule = await passwordViolation(password, user, passwordPolicy, writer.baseUrl());
  if (rule !== undefined) throw ApiError.of([violation('password', rule)]);
  const hash = await passwords.run('signed_in', (hashing) => hashing.hash(password));
  return writer.write(async (transaction) => {
    const current = await transaction.records(users).findForUpdate(id);
    if (current === null) throw new ApiError('record_not_found');
    const signInsEnded = await storePassword(transaction, writer, current, hash, clock());
    await transaction.passwords.setAttempts(id, 0, 0);
    await forgetFailedSignIns(transaction, current.email);
    return { signInsEnded, sessions: await transaction.sessions.list(id) };
  });
}
