// PATCH /users/{id}. With the setting `confirmEmail`, people who change their own address must first show that they get its
// mail: the new one waits for the link that is mailed to it, and everything else changes at once.

import { ApiError } from '../../errors.ts';
import { isSameMailbox } from '../../model/mailbox.ts';
import { networkOf } from '../../model/network.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { requireMail } from '../mails/count-mail.ts';
import { queueMail } from '../mails/queue-mail.ts';
import { toAccount } from '../mails/to-account.ts';
import type { Services, WriteCall, WriteOperation } from '../operation.ts';
import { recordChange } from '../operations/record-change.ts';
import { updateOperation } from '../operations/update.ts';
import type { WriteRules } from '../operations/write-rules.ts';
import { slowTakenAddresses } from './email-throttle.ts';
import { decideUser } from './user-changes.ts';
import { userRules } from './user-rules.ts';
import { type User, users } from './users.ts';

const updateAtOnce = updateOperation(userRules);

export const updateUser: WriteOperation = (services, call) =>
  services.confirmEmail && call.id === call.actor.userId
    ? updateOperation(confirmingRules(services, call))(services, call)
    : updateAtOnce(services, call);

/** How long a new address can be confirmed. */
export const confirmationMs = 24 * 60 * 60 * 1000;

const purpose = 'email_confirmation';

/** The address that waits for its confirmation; null if none does. */
async function pendingEmail({ links }: Pick<Reads, 'links'>, userId: number, now: number) {
  return (await links.latest(userId, purpose, now))?.email ?? null;
}

function confirmingRules(services: Services, call: WriteCall): WriteRules<typeof users> {
  const { store, clock } = services;
  const { userId } = call.actor;
  return {
    ...userRules,
    async limitUpdate({ email }) {
      const current = email === undefined ? null : await store.read.records(users).find(userId);
      if (current === null || isSameMailbox(email!, current.email)) return;
      if ((await pendingEmail(store.read, userId, clock())) === email) return;
      await requireMail(services, { to: email!, network: networkOf(call.clientAddress()) });
    },
    async decide(reads, asked) {
      const { values, violations } = await decideUser(reads, asked);
      const { email } = asked.current!;
      const waits = asked.wanted.email !== undefined && !isSameMailbox(asked.wanted.email, email);
      return { values: waits ? { ...values, email } : values, violations };
    },
    async slowUpdate(transaction, asked, attempt, violations) {
      const outcome = await slowTakenAddresses(transaction, asked, attempt, violations);
      const { current, wanted, now } = asked;
      if (wanted.email !== undefined && !(outcome instanceof ApiError))
        await waitFor(services, call, transaction, { user: current, email: wanted.email, now });
      return outcome;
    },
    async metaOfUpdate({ email }) {
      if (email === undefined) return null;
      const pending = await pendingEmail(store.read, userId, clock());
      return pending === null ? null : { pending_email: pending };
    },
  };
}

/** Mails the link that confirms the address. The address that the account has withdraws the one that waits. */
async function waitFor(
  services: Services,
  call: WriteCall,
  transaction: Transaction,
  { user, email, now }: { readonly user: User; readonly email: string; readonly now: number },
): Promise<void> {
  const { id } = user;
  const pending = await pendingEmail(transaction, id, now);
  const next = isSameMailbox(email, user.email) ? null : email;
  if (next === pending) return;
  await transaction.links.end({ userId: id }, [purpose], now);
  if (next !== null)
    await queueMail(services, transaction, {
      kind: 'email_confirmation',
      ...toAccount({ ...user, email: next }),
      data: { email: next },
      link: { email: next, expiresAt: now + confirmationMs },
    });
  recordChange(transaction, call, users, {
    verb: 'request_email',
    before: user,
    after: user,
    more: [{ attribute: 'pending_email', from: pending, to: next }],
  });
}
