// Links in mails. Each opens a page of this server, with its token in the fragment, which browsers do not send.

export type LinkPurpose = 'password_reset' | 'email_confirmation' | 'email_undo' | 'invitation';

const pages: Readonly<Record<LinkPurpose, string>> = {
  password_reset: 'reset',
  email_confirmation: 'confirm',
  email_undo: 'undo',
  invitation: 'accept',
};

/** The name of the page that a link opens: `reset` for `/account/reset`. */
export function pageOf(purpose: LinkPurpose): string {
  return pages[purpose];
}

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
  const page = `${publicUrl}/account/${pageOf(purpose)}?lang=${locale}`;
  return token === null ? page : `${page}#${token}`;
}
