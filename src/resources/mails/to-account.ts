// The recipient of a mail about an account.

import { mailLocale } from '../../model/mail-locale.ts';
import type { User } from '../users/users.ts';
import type { MailToQueue } from './queue-mail.ts';

/** @param user as stored: mails never go to an address that somebody typed */
export function toAccount(user: User): Pick<MailToQueue, 'userId' | 'to' | 'locale'> {
  const { id, email, first_name, last_name, locale } = user;
  return {
    userId: id,
    to: { address: email, name: `${first_name} ${last_name}` },
    locale: mailLocale(locale),
  };
}
