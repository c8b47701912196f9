// POST /passwords: mails a link to set a new password. The response is the same after the same work, whether the address
// has an account or not: the mail is sent later, by a job.

import { ApiError, type ErrorObject } from '../../errors.ts';
import { readDocument, requiredText, unknownBeside } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { networkOf } from '../../model/network.ts';
import type { Transaction } from '../../store/store.ts';
import { countMail } from '../mails/count-mail.ts';
import type { OpenWriteCall, Reply, Services } from '../operation.ts';
import { nobody, recordFailure } from '../operations/record-change.ts';
import { accountWithEmail, canBeAddress, hasEnded } from '../users/account-with-email.ts';
import { type User, users } from '../users/users.ts';
import { mailReset, pretendReset, verb } from './issue-reset.ts';
import { passwords } from './passwords.ts';

export async function requestReset(services: Services, call: OpenWriteCall): Promise<Reply> {
  const { store, clock, mail } = services;
  readRecordQuery(call.query, passwords, services.queries);
  const email = readEmail(readDocument(call.body, { type: passwords.type, id: null }));
  const account = await accountWithEmail(store.read, email);
  const to = account?.email ?? (canBeAddress(email) ? email : '');
  const exceeded = await countMail(services, { to, network: networkOf(call.clientAddress()), isReset: true });

  await call.write(async (transaction) => {
    const found = await lockAccount(transaction, account, reasonOf(mail, exceeded !== null), clock());
    const author = { actor: nobody, origin: call.origin };
    if (typeof found !== 'string') return mailReset(services, transaction, author, found);
    await pretendReset(services, transaction);
    const attempted = { action: `${users.singular}.${verb}`, subjectId: account?.id ?? null, reason: found };
    recordFailure(transaction, author, attempted);
  });
  return { status: 204, body: null };
}

/** Why nobody gets a mail. Only the audit trail shows it. */
type Refusal = 'mail_off' | 'unknown_address' | 'too_many_mails' | 'changed_meanwhile' | 'expired';

function reasonOf({ mode }: Services['mail'], isLimited: boolean): Refusal | null {
  if (mode === 'off') return 'mail_off';
  return isLimited ? 'too_many_mails' : null;
}

/** Runs the same statements for every refusal. */
async function lockAccount(
  transaction: Transaction,
  account: User | null,
  reason: Refusal | null,
  now: number,
): Promise<User | Refusal> {
  const user = await transaction.records(users).findForUpdate(account?.id ?? 0);
  if (account === null) return 'unknown_address';
  if (reason !== null) return reason;
  if (user === null || user.email !== account.email) return 'changed_meanwhile';
  return hasEnded(user, now) ? 'expired' : user;
}

/**
 * Any text: the response does not show whether it is an address.
 * @throws ApiError invalid_attribute
 */
function readEmail({ email, ...others }: Readonly<Record<string, unknown>>): string {
  const violations: ErrorObject[] = [...requiredText('email', email), ...unknownBeside(passwords, others)];
  if (violations.length > 0) throw ApiError.of(violations);
  return email as string;
}
