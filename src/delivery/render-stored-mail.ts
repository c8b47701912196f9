// Renders a mail of the outbox or the mailbox, with the token of its link.

import { linkToken } from '../security/link-token.ts';
import { hashToken } from '../security/tokens.ts';
import type { MailRow } from '../store/mails.ts';
import type { Writes } from '../store/store.ts';
import { type MailSettings, type RenderedMail, renderMail } from './render-mail.ts';

/**
 * If the link was made with another secret, which was replaced since, its hash in the database is replaced too. So the
 * link in the mail works.
 * @param secret of links
 */
export async function renderStoredMail(
  mail: MailRow,
  secret: string,
  settings: MailSettings,
  write: Writes['write'],
): Promise<RenderedMail> {
  const { link } = mail;
  if (link === null) return renderMail(mail, null, settings);
  const token = linkToken(secret, link);
  const tokenHash = hashToken(token);
  if (link.tokenHash !== tokenHash) await write(({ links }) => links.replaceHash(link.id, tokenHash));
  return renderMail(mail, token, settings);
}
