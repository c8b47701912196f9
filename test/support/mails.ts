// The mails of the development mailbox, as a person who opens them sees them.

import { linkToken } from '../../src/security/link-token.ts';
import type { MailRow } from '../../src/store/mails.ts';
import { type TestApp, testLinkSecret } from './start-app.ts';

export type ReceivedMail = MailRow & {
  /** The token of its link; null if it has none. */
  readonly token: string | null;
};

/** The mails to an address, the oldest first. The app must have the default secret of links. */
export async function mailsTo({ store }: Pick<TestApp, 'store'>, address: string): Promise<ReceivedMail[]> {
  const mails = await store.read.mails.mailbox(1000, 0);
  return mails
    .filter(({ toAddress }) => toAddress === address)
    .map((mail) => ({ ...mail, token: mail.link === null ? null : linkToken(testLinkSecret, mail.link) }))
    .reverse();
}
