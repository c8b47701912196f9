// Where somebody is: time zones and locales, as the runtime knows them.

import type { Kind } from '../kind.ts';
import { isLocale, withUnderscores } from '../locale.ts';
import { isStorableText } from '../text.ts';
import { isZoneName } from '../zone.ts';
import { namesOfSameZone } from '../zone-names.ts';
import { notIncluded, readText, textKind } from './text.ts';

/** Kept as it is given; a filter finds all names of the same zone. */
export const timeZone: Kind<string> = {
  ...textKind({
    name: 'time zone',
    schema: { examples: ['Europe/Zagreb'] },
    rule: (text) => (isZoneName(text) ? undefined : notIncluded),
  }),
  hasNoSpaces: true,
  readFilter: (text) => (isStorableText(text) ? { anyOf: namesOfSameZone(text) } : undefined),
};

const localeText = textKind({
  name: 'locale',
  rule: (text) => (isLocale(text) ? undefined : notIncluded),
  schema: { pattern: '^[a-z]{2,3}_([A-Z][a-z]{3}_)?([A-Z]{2}|[0-9]{3})$', examples: ['en_US'] },
});

/** BCP 47's hyphens are read, too. */
export const locale: Kind<string> = {
  ...localeText,
  check: (value, zone) => localeText.check(typeof value === 'string' ? withUnderscores(value) : value, zone),
  readFilter: (text) => readText(withUnderscores(text)),
};
