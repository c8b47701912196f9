// What follows a changed email of an account, in the same transaction: the old address gets a link that undoes the change,
// and stays reserved while it works. Links that were mailed to the old address, or for another new one, end.

import { ApiError } from '../../errors.ts';
import { isSameMailbox } from '../../model/mailbox.ts';
import type { Transaction } from '../../store/store.ts';
import { queueMail } from '../mails/queue-mail.ts';
import { toAccount } from '../mails/to-account.ts';
import type { Author } from '../operations/record-change.ts';
import type { WriteServices } from '../operations/write-rules.ts';
import { endLinksOf } from './end-links.ts';
import type { User } from './users.ts';

const hourMs = 60 * 60 * 1000;
/** How long a change can be undone. */
export const undoHours = 72;
const dayMs = 24 * hourMs;
/**
 * How often people may change their own address in a day. Each change mails a notice to the address before, which may be
 * a stranger's, and reserves it.
 */
const maxChanges = 20;

/**
 * Does nothing if mail for the new address arrives where it did before, such as with other capitals: the account cannot be
 * lost by it.
 * @param before locked in this transaction
 * @throws ApiError too_many_requests
 */
export async function tellOldAddress(
  services: Pick<WriteServices, 'mail' | 'clock'>,
  transaction: Transaction,
  { actor }: Author,
  { before, after }: { readonly before: User; readonly after: User },
  now: number,
): Promise<void> {
  if (isSameMailbox(before.email, after.email)) return;
  if (actor.userId === before.id) await requireFewChanges(transaction, before.id, now);
  await endLinksOf(transaction, before.id, now);
  await queueMail(services, transaction, {
    kind: 'email_changed',
    ...toAccount(before),
    data: { email: after.email },
    link: { email: before.email, expiresAt: now + undoHours * hourMs },
  });
}

async function requireFewChanges({ links }: Transaction, userId: number, now: number): Promise<void> {
  const { count, firstAt } = await links.createdAfter(userId, 'email_undo', now - dayMs);
  if (count < maxChanges) return;
  const seconds = String(Math.ceil((firstAt! + dayMs - now) / 1000));
  throw new ApiError('too_many_requests', {
    detail: 'Too many changes of the email address, try again later',
    meta: { limit: maxChanges, period: dayMs / 1000 },
    headers: { 'Retry-After': seconds, 'X-RateLimit-Reset': seconds },
  });
}
