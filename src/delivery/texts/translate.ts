// Texts of mails and pages in the languages of people.

import { createRequire } from 'node:module';
import type { IntlMessageFormat } from 'intl-messageformat';
import type { MailLocale } from '../../model/mail-locale.ts';
import { de } from './de.ts';
import { en, type TextKey, type Texts } from './en.ts';
import { hr } from './hr.ts';

export type { TextKey } from './en.ts';

export const catalogs: Readonly<Record<MailLocale, Texts>> = { en, de, hr };

/** Of dates, numbers and plurals. British: dates that cannot be misread, and 24 hours. */
export const languageTags: Readonly<Record<MailLocale, string>> = { en: 'en-GB', de: 'de', hr: 'hr' };

export type TextValues = Readonly<Record<string, string | number>>;

const require = createRequire(import.meta.url);
const compiled = new Map<string, IntlMessageFormat>();

/**
 * A text of the catalog with its values. Values are inserted as they are: nothing in them is read as a message, and
 * whoever writes HTML escapes the result.
 * @throws Error if a value is missing
 */
export function translate(locale: MailLocale, key: TextKey, values: TextValues = {}): string {
  const id = `${locale} ${key}`;
  let message = compiled.get(id);
  if (message === undefined) {
    message = compile(catalogs[locale][key], languageTags[locale]);
    compiled.set(id, message);
  }
  return String(message.format(values));
}

export function compile(text: string, languageTag: string): IntlMessageFormat {
  // Loaded at the first text, because it takes 7 MB of memory.
  const library: typeof import('intl-messageformat') = require('intl-messageformat');
  return new library.IntlMessageFormat(text, languageTag, undefined, { ignoreTag: true });
}
