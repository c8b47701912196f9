// Findings of `muster check` about mail: whether the mail server can be used, and on request whether it takes a mail.

import { type Config, givenName } from '../../config.ts';
import { createMailer, type Mailer, usualPorts } from '../../delivery/mailer.ts';
import { renderMail } from '../../delivery/render-mail.ts';
import type { Brand } from '../../model/brand.ts';
import { isLoopback } from '../../model/network.ts';
import { mailServer, newMessageId } from '../../open-mail.ts';
import { readBrand } from '../../read-brand.ts';
import type { Finding } from './findings.ts';

/**
 * @param to where to send a test mail; undefined for none
 * @throws ConfigError if the logo cannot be used
 */
export async function mailFindings(config: Config, to: string | undefined): Promise<Finding[]> {
  const brand = readBrand(config);
  if (config.smtpHost === '') return withoutServer(config, to);
  const { smtpHost, smtpPort, smtpSecurity } = config;
  const subject = `${smtpHost}:${smtpPort ?? usualPorts[smtpSecurity]}`;
  const mailer = createMailer(mailServer(config));
  const findings = weakSecurity(config);
  const verified = await mailer.verify();
  if (verified.outcome !== 'sent')
    findings.push({ level: 'error', subject, finding: `cannot be used to send mails (${verified.answer})` });
  else if (to !== undefined) findings.push(await testFinding({ config, brand, mailer, to, subject }));
  else
    findings.push({
      level: 'notice',
      subject,
      finding: `${config.smtpUser === '' ? 'can be reached' : 'accepts the login'}; --mail-to ADDRESS sends a test mail`,
    });
  mailer.close();
  return findings;
}

function withoutServer(config: Config, to: string | undefined): Finding[] {
  const subject = givenName(config, 'smtpHost');
  if (to !== undefined) return [{ level: 'error', subject, finding: 'is not set, so no mail can be sent' }];
  if (isLoopback(config.host)) return [];
  const finding = 'is not set, so nobody gets mails: no links to set a password, no invitations, no notices';
  return [{ level: 'warning', subject, finding }];
}

function weakSecurity(config: Config): Finding[] {
  if (config.smtpSecurity !== 'none' || isLoopback(config.smtpHost)) return [];
  const finding = 'is none, so mails and the links in them can be read on the way; use starttls or tls';
  return [{ level: 'warning', subject: givenName(config, 'smtpSecurity'), finding }];
}

interface TestMail {
  readonly config: Config;
  readonly brand: Brand;
  readonly mailer: Mailer;
  readonly to: string;
  readonly subject: string;
}

async function testFinding({ config, brand, mailer, to, subject }: TestMail): Promise<Finding> {
  const content = { kind: 'test', data: {}, toAddress: to, toName: null, locale: 'en', link: null } as const;
  const settings = { publicUrl: config.publicUrl, brand, timeZone: config.timeZone };
  const mail = { ...renderMail(content, null, settings), messageId: newMessageId(config) };
  const { outcome, answer } = await mailer.send(mail);
  return outcome === 'sent'
    ? { level: 'notice', subject, finding: `has taken a test mail to ${to} (${answer})` }
    : { level: 'error', subject, finding: `has not taken a test mail to ${to} (${answer})` };
}
