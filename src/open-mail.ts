import { resolve } from 'node:path';
import type { Config } from './config.ts';
import type { MailServer } from './delivery/mailer.ts';
import { databaseFile, isPostgres } from './open-store.ts';
import type { MailService } from './resources/mails/mail-service.ts';
import { generateSecret } from './security/tokens.ts';
import { keepLinkSecret } from './store/sqlite/link-secret-file.ts';

/**
 * What becomes of mails by these settings. The secret of links is that of the settings, else the one beside the SQLite
 * file. It is read at its first use, because most commands do not need it. There must be a database by then.
 */
export function openMail(config: Config): MailService {
  let secret = config.linkSecret;
  return {
    mode: modeOf(config),
    get linkSecret() {
      secret ||= keepLinkSecret(resolve(databaseFile(config)), generateSecret);
      return secret;
    },
    maxPerAddress: config.mailsPerAddress,
    maxPerClient: config.mailsPerClient,
  };
}

function modeOf(config: Config): MailService['mode'] {
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
