// Mails that are to be sent, queued as the product does.

import type { Config } from '../../src/config.ts';
import type { MailKind } from '../../src/model/mail.ts';
import { openMail } from '../../src/open-mail.ts';
import { type MailToQueue, queueMail } from '../../src/resources/mails/queue-mail.ts';
import type { Store } from '../../src/store/store.ts';
import type { TestSmtpServer } from './smtp-server.ts';
import { testLinkSecret } from './start-app.ts';

const hourMs = 3_600_000;

/** Settings of a service that sends through this server, as variables. */
export function sendingThrough({ port }: TestSmtpServer): Readonly<Record<string, string>> {
  return {
    MUSTER_SMTP_HOST: '127.0.0.1',
    MUSTER_SMTP_PORT: String(port),
    MUSTER_SMTP_SECURITY: 'none',
    MUSTER_MAIL_FROM: 'accounts@example.com',
    MUSTER_PUBLIC_URL: 'https://users.example.com',
    MUSTER_LINK_SECRET: testLinkSecret,
  };
}

/** A mail with a link that lives for an hour. */
export function resetMail(address: string, now: number): MailToQueue<'password_reset'> {
  return {
    ...{ kind: 'password_reset', userId: null, locale: 'en', data: { first_password: false } },
    to: { address, name: 'Ann Lee' },
    link: { expiresAt: now + hourMs },
  };
}

/** A mail without a link. */
export function noticeMail(address: string): MailToQueue<'password_changed'> {
  return {
    ...{ kind: 'password_changed', userId: null, locale: 'en', data: { api_tokens: 0, by: 'account' } },
    to: { address, name: 'Ann Lee' },
  };
}

/** Queues mails in one transaction. */
export async function queueMails<K extends MailKind>(
  store: Pick<Store, 'write'>,
  config: Config,
  mails: readonly MailToQueue<K>[],
  clock: () => number = Date.now,
): Promise<void> {
  const mail = openMail(config);
  await store.write(async (transaction) => {
    for (const one of mails) await queueMail({ mail, clock }, transaction, one);
  });
}
