// The languages of mails and of the pages behind their links.

export const mailLocales = ['en', 'de', 'hr'] as const;

export type MailLocale = (typeof mailLocales)[number];

/** The language for a locale: `de` for `de_AT`. English if there are no texts in its language. */
export function mailLocale(locale: string | null): MailLocale {
  const language = locale?.split(/[-_]/)[0];
  return mailLocales.find((known) => known === language) ?? 'en';
}
