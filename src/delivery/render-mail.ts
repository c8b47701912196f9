// Writes a mail in the language of its recipient: subject, text and HTML, all from one template.

import type { Brand } from '../model/brand.ts';
import { addressOf, type LinkPurpose } from '../model/link.ts';
import type { MailContent } from '../model/mail.ts';
import type { MailLocale } from '../model/mail-locale.ts';
import { composeMail, type Words } from './mails/compose-mail.ts';
import type { MailParts } from './mails/mail-parts.ts';
import { shownText } from './mails/shown-text.ts';
import { writeHtml } from './mails/write-html.ts';
import { writeText } from './mails/write-text.ts';
import { languageTags, type TextKey, type TextValues, translate } from './texts/translate.ts';

export interface RenderedMail {
  /** `name` is '' if none can be shown. */
  readonly to: { readonly address: string; readonly name: string };
  /** One line. */
  readonly subject: string;
  readonly text: string;
  /** The logo is in it as a `data:` URL. */
  readonly html: string;
}

/** What a mail is rendered from. */
export type MailToRender = MailContent & {
  readonly toAddress: string;
  readonly toName: string | null;
  readonly locale: MailLocale;
  /** `expiresAt` in milliseconds since 1970. */
  readonly link: { readonly purpose: LinkPurpose; readonly expiresAt: number } | null;
};

export interface MailSettings {
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly brand: Brand;
  /** IANA time zone of times, where the account has none. */
  readonly timeZone: string;
}

/** @param token of the link of the mail; null if it has none */
export function renderMail(mail: MailToRender, token: string | null, settings: MailSettings): RenderedMail {
  const { locale, link, toAddress: address } = mail;
  const { brand, publicUrl } = settings;
  const say = (key: TextKey, values: TextValues = {}) =>
    translate(locale, key, { brand: brand.name, ...values });
  const time: Words['time'] = (at, timeZone) =>
    inWords(at, languageTags[locale], timeZone ?? settings.timeZone);
  const button: Words['button'] = (label) => {
    if (link === null || token === null) return [];
    const url = addressOf(publicUrl, link.purpose, locale, token);
    return [
      { kind: 'button', label: say(label), url, otherwise: say('mail.link_as_text') },
      { kind: 'note', text: say('mail.link_until', { until: time(link.expiresAt, null) }) },
    ];
  };
  const resetButton: Words['resetButton'] = () => ({
    kind: 'button',
    label: say('mail.password_reset.button'),
    url: addressOf(publicUrl, 'password_reset', locale, null),
    otherwise: say('mail.link_as_text'),
  });
  const name = shownText(mail.toName);
  const { subject, parts } = composeMail(mail, { say, button, resetButton, time });
  const whole: MailParts = {
    subject,
    greeting: name === '' ? say('mail.greeting_without_name') : say('mail.greeting', { name }),
    parts,
    footer: say('mail.sent', { address }),
  };
  return { to: { address, name }, subject, text: writeText(whole), html: writeHtml(whole, locale, brand) };
}

/** Such as `27 November 2026 at 14:05 CET`. */
function inWords(at: number, languageTag: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat(languageTag, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    timeZoneName: 'short',
  });
  return format.format(at);
}
