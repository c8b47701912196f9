// Sets the password of an account, ends what the old one has opened, and tells its owner.

import { ApiError, violation } from '../../errors.ts';
import type { MailData } from '../../model/mail.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import type { Transaction } from '../../store/store.ts';
import { queueMail } from '../mails/queue-mail.ts';
import { toAccount } from '../mails/to-account.ts';
import { type Author, recordChange, showToAccount } from '../operations/record-change.ts';
import type { Writer, WriteServices } from '../operations/write-rules.ts';
import { forgetFailedSignIns } from '../sign-in/sign-in-throttle.ts';
import { endLinksOf } from './end-links.ts';
import { type User, users } from './users.ts';

/** Of the event of a new password, unless a link has set it. */
export const verb = 'update_password';

export interface NewPassword {
  readonly hash: string;
  /** Of the event. */
  readonly verb: string;
  /** For the notice. */
  readonly by: MailData['password_changed']['by'];
  /** Whether the API tokens of the account end too. */
  readonly endsApiTokens?: boolean;
}

/** The counts of sessions. */
export interface AfterNewPassword {
  readonly signInsEnded: number;
  /** API tokens that go on working. */
  readonly apiTokensKept: number;
}

/**
 * Stores a password, ends all sign-ins of the account, except the caller's own, and its links, and mails a notice.
 * @param user locked in this transaction
 */
export async function storePassword(
  services: Pick<WriteServices, 'clock' | 'mail'>,
  transaction: Transaction,
  author: Author,
  user: User,
  given: NewPassword,
): Promise<AfterNewPassword> {
  const { id } = user;
  const { actor } = author;
  const { sessions } = transaction;
  const now = services.clock();
  await transaction.passwords.set(id, given.hash, now);
  const signInsEnded = await sessions.endSignIns(id, actor.userId === id ? actor.sessionId : null);
  const apiTokensEnded = given.endsApiTokens ? await sessions.endApiTokens(id) : null;
  await endLinksOf(transaction, id, now);
  const apiTokensKept = await tellOfPassword(services, transaction, user, given.by);
  showToAccount(transaction, author, id);
  recordChange(transaction, author, users, {
    verb: given.verb,
    before: user,
    after: user,
    more: [{ attribute: 'password', changed: true }],
    details: {
      sign_ins_ended: signInsEnded,
      ...(apiTokensEnded !== null && { api_tokens_ended: apiTokensEnded }),
    },
  });
  return { signInsEnded, apiTokensKept };
}

/**
 * Mails a notice of a new password, also if it was the owner who set it: whoever has taken over the account cannot suppress
 * it.
 * @returns the number of API tokens that go on working
 */
export async function tellOfPassword(
  services: Pick<WriteServices, 'clock' | 'mail'>,
  transaction: Transaction,
  user: User,
  by: MailData['password_changed']['by'],
): Promise<number> {
  const now = services.clock();
  const works = (end: number | null) => end === null || end > now;
  const sessions = await transaction.sessions.list(user.id);
  const apiTokens = sessions.filter(({ machine, token_expires_at: end }) => machine && works(end)).length;
  await queueMail(services, transaction, {
    kind: 'password_changed',
    ...toAccount(user),
    data: { api_tokens: apiTokens, by },
  });
  return apiTokens;
}

/** For an account that has a new password: no delay is left of wrong ones. */
export async function resetThrottles(transaction: Transaction, { id, email }: User): Promise<void> {
  await transaction.passwords.setAttempts(id, 0, 0);
  await forgetFailedSignIns(transaction, email);
}

/**
 * Sets a new password for a user who has lost theirs. Also resets failed attempts and failed sign-ins.
 * @throws ApiError
 */
export async function setPassword(
  services: WriteServices,
  writer: Writer,
  { id, ...account }: User,
  password: string,
): Promise<AfterNewPassword> {
  const { passwords, passwordPolicy } = services;
  const rule = await passwordViolation(password, account, passwordPolicy, writer.baseUrl());
  if (rule !== undefined) throw ApiError.of([violation('password', rule)]);
  const hash = await passwords.run('signed_in', (hashing) => hashing.hash(password));
  return writer.write(async (transaction) => {
    const user = await transaction.records(users).findForUpdate(id);
    if (user === null) throw new ApiError('record_not_found');
    const stored = await storePassword(services, transaction, writer, user, { hash, verb, by: 'operator' });
    await resetThrottles(transaction, user);
    return stored;
  });
}
