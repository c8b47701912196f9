// PATCH /email_undos/{token}: the account gets back the address that it had, and loses what it got since: the password, the
// API tokens, the memberships, and later addresses with their links. All sign-ins end. Links of earlier addresses go on
// working, so whoever had the account longest decides.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type Attributes, readDocument, unknownBeside } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Selection } from '../../jsonapi/read-selection.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import type { Hashing } from '../../security/passwords.ts';
import { hashToken } from '../../security/tokens.ts';
import type { Transaction } from '../../store/store.ts';
import { queueMail } from '../mails/queue-mail.ts';
import { toAccount } from '../mails/to-account.ts';
import { endLaterMemberships } from '../memberships/end-later-memberships.ts';
import type { OpenWriteCall, Reply, Services } from '../operation.ts';
import { asTakenIdentity } from '../operations/identities.ts';
import { requireReportPrecondition } from '../operations/report.ts';
import { accountByLink } from '../users/account-by-link.ts';
import { endLinksOf } from '../users/end-links.ts';
import { requireAdministrator } from '../users/last-sysadmin.ts';
import { confirmationViolations } from '../users/password-input.ts';
import { resetThrottles, storePassword } from '../users/set-password.ts';
import { users } from '../users/users.ts';
import { changeEmail } from './change-email.ts';
import { emailUndos } from './email-undos.ts';
import { needsPassword, undoOf } from './live-email-change.ts';

export async function undoEmail(services: Services, call: OpenWriteCall): Promise<Reply> {
  const { store, clock, passwords } = services;
  const token = call.tokens.token!;
  const tokenHash = hashToken(token);
  const change = await undoOf(store.read, tokenHash, clock());
  const selection = readRecordQuery(call.query, emailUndos, services.queries);
  const { password, violations } = readUndo(readDocument(call.body, { type: emailUndos.type, id: token }));
  const account = { ...change.user, email: change.email };
  const rule =
    password === null
      ? undefined
      : await passwordViolation(password, account, services.passwordPolicy, call.baseUrl());
  const broken = [...(rule === undefined ? [] : [violation('password', rule)]), ...violations];
  if (broken.length > 0) throw ApiError.of(broken);

  const userId = change.user.id;
  const write = async (hash: string | null) => {
    // As changes of memberships do: it may end some.
    const joined = await store.read.memberships.listAllOf([userId]);
    await call.write((transaction) => undo(services, call, transaction, { token, selection, hash, userId }), {
      organization: null,
      organizationIds: joined.map(({ organization_id }) => organization_id),
      userIds: [userId],
    });
  };
  const hashed = async (hashing: Hashing) => {
    // Requests with the same link come one after the other: those after the first find it used before they hash.
    await undoOf(store.read, tokenHash, clock());
    await write(await hashing.hash(password as string));
  };
  const undone =
    password === null
      ? write(null)
      : passwords.run('known_address', hashed, `link ${tokenHash}`, call.gone());
  await undone.catch((error) => {
    throw asTakenIdentity(users, error);
  });
  return { status: 204, body: null };
}

function readUndo(attributes: Attributes): {
  readonly password: unknown;
  readonly violations: readonly ErrorObject[];
} {
  const { password = null, password_confirmation: confirmation, ...others } = attributes;
  return {
    password,
    violations: [...confirmationViolations(password, confirmation), ...unknownBeside(emailUndos, others)],
  };
}

interface Undo {
  readonly token: string;
  readonly selection: Selection;
  /** Of the new password; null for none. */
  readonly hash: string | null;
  readonly userId: number;
}

async function undo(
  services: Services,
  call: OpenWriteCall,
  transaction: Transaction,
  { token, selection, hash, userId }: Undo,
): Promise<void> {
  const { administrators, passwords, sessions, links } = transaction;
  // The account first, as all other changes of it, so that they do not deadlock.
  await transaction.records(users).findForUpdate(userId);
  const now = services.clock();
  const tokenHash = hashToken(token);
  const change = await undoOf(transaction, tokenHash, now);
  const { user, link, email } = change;
  if ((await links.claim(tokenHash, 'email_undo', now)) === null) throw new ApiError('record_not_found');
  await endLinksOf(transaction, userId, now);
  await links.end({ userId }, ['email_undo'], now, link.id);

  const isAdministrator = hash === null && user.sysadmin && (await administrators.includes(userId));
  const { lastSessionId, lastMembershipId } = await links.stateBefore(link.id);
  const signInsEnded = await sessions.endSignIns(userId, null);
  const apiTokensEnded = await sessions.endApiTokens(userId, lastSessionId);
  const isVoid = await needsPassword(transaction, change);
  const isRemoved = isVoid && (await passwords.remove(userId));
  // A new password would keep it.
  if (isAdministrator) await requireAdministrator(transaction, 'password');
  const shown = { id: token, email, password_needed: isVoid };
  requireReportPrecondition(services, call, emailUndos, selection, shown);

  const author = { actor: accountByLink(user), origin: call.origin };
  const restored = await changeEmail(transaction, author, user, email, now, {
    verb: 'undo_email',
    more: isRemoved ? [{ attribute: 'password', changed: true }] : [],
    details: { sign_ins_ended: signInsEnded, api_tokens_ended: apiTokensEnded },
  });
  // Whoever has invited the later address has not invited the reader of this one.
  if (lastMembershipId !== null)
    await endLaterMemberships(transaction, author, userId, lastMembershipId, now);
  if (user.email !== email)
    await queueMail(services, transaction, { kind: 'email_restored', ...toAccount(user), data: {} });
  if (hash === null) return;
  await storePassword(services, transaction, author, restored, { hash, verb: 'reset_password', by: 'reset' });
  await resetThrottles(transaction, restored);
}
