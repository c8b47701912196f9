// Makes the link to set a new password, in a mail or for an operator who hands it over. The newest link alone works.

import { mailLocale } from '../../model/mail-locale.ts';
import type { Transaction } from '../../store/store.ts';
import { printLink } from '../mails/print-link.ts';
import { queueDecoy, queueMail } from '../mails/queue-mail.ts';
import { toAccount } from '../mails/to-account.ts';
import { type ActAuthor, recordChange } from '../operations/record-change.ts';
import type { WriteServices } from '../operations/write-rules.ts';
import { type User, users } from '../users/users.ts';
import { purpose } from './live-reset.ts';

type ResetServices = Pick<WriteServices, 'clock' | 'mail' | 'resetMinutes'>;

/** Of the event of a link, and of a request for one that nobody got. */
export const verb = 'request_password_reset';

/** Mails a link to the address that is stored. @param user locked in this transaction */
export async function mailReset(
  services: ResetServices,
  transaction: Transaction,
  author: ActAuthor,
  user: User,
): Promise<void> {
  const { firstPassword, expiresAt } = await prepare(services, transaction, user.id);
  await queueMail(services, transaction, {
    kind: 'password_reset',
    ...toAccount(user),
    data: { first_password: firstPassword },
    link: { expiresAt },
  });
  recordChange(transaction, author, users, { verb, before: user, after: user });
}

/** The same statements, without an account and a mail. */
export async function pretendReset(services: ResetServices, transaction: Transaction): Promise<void> {
  await prepare(services, transaction, 0);
  await queueDecoy(services, transaction, purpose);
}

export interface PrintedReset {
  readonly link: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** For an operator without a mail server, see printLink. */
export async function printReset(
  services: ResetServices & { readonly publicUrl: string },
  transaction: Transaction,
  author: ActAuthor,
  user: User,
): Promise<PrintedReset> {
  const { expiresAt } = await prepare(services, transaction, user.id);
  const page = { publicUrl: services.publicUrl, locale: mailLocale(user.locale) };
  const link = await printLink(transaction, page, {
    purpose,
    userId: user.id,
    invitationId: null,
    email: null,
    createdAt: services.clock(),
    expiresAt,
  });
  recordChange(transaction, author, users, { verb, before: user, after: user, details: { printed: true } });
  return { link, expiresAt };
}

/** Ends older links. @param userId 0 if there is no account */
async function prepare({ clock, resetMinutes }: ResetServices, transaction: Transaction, userId: number) {
  const now = clock();
  await transaction.links.end({ userId }, [purpose], now);
  return {
    firstPassword: (await transaction.passwords.changedAt(userId)) === null,
    expiresAt: now + resetMinutes * 60_000,
  };
}
