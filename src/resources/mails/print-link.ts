// A link that an operator hands over instead of a mail.

import { addressOf } from '../../model/link.ts';
import type { MailLocale } from '../../model/mail-locale.ts';
import { generateNonce } from '../../security/link-token.ts';
import { generateSecret, hashToken } from '../../security/tokens.ts';
import type { NewLink } from '../../store/links.ts';
import type { Transaction } from '../../store/store.ts';

/**
 * Creates a link. Nothing can show it again, and it needs no secret of links: its token is random, and the database has the
 * hash.
 * @param page where it begins, and the language of its page
 * @returns its address
 */
export async function printLink(
  { links }: Transaction,
  page: { readonly publicUrl: string; readonly locale: MailLocale },
  link: Omit<NewLink, 'nonce'>,
): Promise<string> {
  const token = generateSecret();
  await links.create({ ...link, nonce: generateNonce() }, () => hashToken(token));
  return addressOf(page.publicUrl, link.purpose, page.locale, token);
}
