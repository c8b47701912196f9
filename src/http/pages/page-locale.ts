// The language of a page.

import { type MailLocale, mailLocales } from '../../model/mail-locale.ts';

/**
 * That of the parameter `lang`, which links in mails have; else the first one of Accept-Language (RFC 9110 section 12.5.4) that has
 * texts; else English.
 */
export function pageLocale(query: string, acceptLanguage: string | undefined): MailLocale {
  return known(new URLSearchParams(query).get('lang') ?? '') ?? accepted(acceptLanguage) ?? 'en';
}

/** @param tag such as `de` or `de-AT` */
function known(tag: string): MailLocale | undefined {
  const [language] = tag.trim().toLowerCase().split(/[-_]/);
  return mailLocales.find((locale) => locale === language);
}

function accepted(header = ''): MailLocale | undefined {
  const ranges = header.split(',').map((range) => {
    const [tag = '', ...parameters] = range.split(';');
    const weight = parameters.map((one) => /^\s*q=([\d.]+)\s*$/i.exec(one)?.[1]).find(Boolean);
    return { locale: known(tag), weight: Number(weight ?? 1) };
  });
  return ranges
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .find(({ locale }) => locale)?.locale;
}
