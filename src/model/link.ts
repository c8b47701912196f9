// Links in mails. Each opens a page of this server, with its token in the fragment, which browsers do not send.

export type LinkPurpose = 'password_reset' | 'email_confirmation' | 'email_undo' | 'invitation';

/** Where the pages are, below the public URL. */
export const pagesPath = '/account';

/** All pages: `/account/join` is opened by the join link of an organization, the others by links in mails. */
export const pageNames = ['reset', 'accept', 'confirm', 'undo', 'join'] as const;

export type PageName = (typeof pageNames)[number];

/** The page that a link opens. */
const pageOf: Readonly<Record<LinkPurpose, PageName>> = {
  password_reset: 'reset',
  email_confirmation: 'confirm',
  email_undo: 'undo',
  invitation: 'accept',
};

/**
 * @param publicUrl without a trailing slash, never from a request
 * @param locale of the page
 * @param token null for the page without a link, where one can be asked for
 */
export function addressOf(
  publicUrl: string,
  purpose: LinkPurpose,
  locale: string,
  token: string | null,
): string {
  const page = `${publicUrl}${pagesPath}/${pageOf[purpose]}?lang=${locale}`;
  return token === null ? page : `${page}#${token}`;
}
