// The mails of the development mailbox, as the people who get them see them.

import { renderMail } from '../../src/delivery/render-mail.ts';
import { linkToken } from '../../src/security/link-token.ts';
import type { MailRow } from '../../src/store/mails.ts';
import { type TestApp, testLinkSecret } from './start-app.ts';

export type ReceivedMail = MailRow & {
  /** The token of its link; null if it has none. */
  readonly token: string | null;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

const brand = { name: 'Muster', color: '#1f4e79', logo: null, url: null };

/** The mails to an address, the oldest first. The app must have the default secret of links. */
export async function mailsTo(
  { store, url }: Pick<TestApp, 'store' | 'url'>,
  address: string,
): Promise<ReceivedMail[]> {
  const mails = await store.read.mails.mailbox(1000, 0);
  return mails
    .filter(({ toAddress }) => toAddress === address)
    .map((mail) => {
      const token = mail.link === null ? null : linkToken(testLinkSecret, mail.link);
      return { ...mail, token, ...renderMail(mail, token, { publicUrl: url, brand, timeZone: 'UTC' }) };
    })
    .reverse();
}
