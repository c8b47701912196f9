import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import type { Config } from './config.ts';
import type { MailServer } from './delivery/mailer.ts';
import { isLoopback } from './model/network.ts';
import { databaseFile, isPostgres } from './open-store.ts';
import { readBrand } from './read-brand.ts';
import type { MailService, RenderStoredMail } from './resources/mails/mail-service.ts';
import { generateSecret } from './security/tokens.ts';
import { StoreUnavailable } from './store/errors.ts';
import { keepLinkSecret } from './store/sqlite/link-secret-file.ts';
import type { Writes } from './store/store.ts';

/**
 * What becomes of mails by these settings. The secret of links is read at its first use: most commands do not need it.
 * @param firstState see MailService; by default that of a service
 */
export function openMail(
  config: Config,
  firstState: MailService['firstState'] = mailMode(config) === 'mailbox' ? 'mailbox' : 'queued',
): MailService {
  let secret: string | undefined;
  return {
    mode: mailMode(config),
    firstState,
    get linkSecret() {
      secret ??= linkSecretOf(config);
      return secret;
    },
    maxPerAddress: config.mailsPerAddress,
    maxPerClient: config.mailsPerClient,
  };
}

/**
 * For the development mailbox. A mail that cannot be rendered, such as one of a later version, does not hide the others.
 * @param address where links begin without a public URL: the address of the service
 */
export function mailRenderer(
  config: Config,
  service: MailService,
  write: Writes['write'],
  address: () => string,
): RenderStoredMail {
  const brand = readBrand(config);
  return async (mail) => {
    // Loaded at the first mail: the texts take time and memory.
    const { renderStoredMail } = await import('./delivery/render-stored-mail.ts');
    const { publicUrl, timeZone } = config;
    const settings = { publicUrl: publicUrl || address(), brand, timeZone };
    try {
      return await renderStoredMail(mail, service.linkSecret, settings, write);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      const subject = 'This mail cannot be shown';
      return { subject, text: `${subject}: ${(error as Error).message}`, html: '' };
    }
  };
}

/**
 * The secret of links of the settings, else the one beside the SQLite file, which is created if there is none. The database
 * must exist.
 * @throws FileError if it cannot be used
 */
export function linkSecretOf(config: Config): string {
  return config.linkSecret || keepLinkSecret(resolve(databaseFile(config)), generateSecret);
}

export function mailMode(config: Config): MailService['mode'] {
  if (isPostgres(config) && config.linkSecret === '') return 'off';
  return config.smtpHost === '' ? 'mailbox' : 'smtp';
}

/** The mail server of the settings, if `smtpHost` is set. */
export function mailServer(config: Config): MailServer {
  return {
    host: config.smtpHost,
    port: config.smtpPort,
    security: config.smtpSecurity,
    user: config.smtpUser,
    password: config.smtpPassword,
    connections: config.smtpConnections,
    timeoutMs: config.smtpTimeoutMs,
    from: { address: config.mailFrom, name: config.mailFromName || config.brandName },
  };
}

/**
 * Whether GET /mailbox exists. Whoever reads it can use the links of everybody, so on other addresses than loopback it
 * must be asked for.
 */
export function servesMailbox(config: Config): boolean {
  return mailMode(config) === 'mailbox' && (config.mailbox || isLoopback(config.host));
}

/** A new Message-ID, in angle brackets, under the domain of the sender. */
export function newMessageId({ mailFrom }: Config): string {
  return `<${randomUUID()}@${domainToASCII(mailFrom.slice(mailFrom.lastIndexOf('@') + 1))}>`;
}
