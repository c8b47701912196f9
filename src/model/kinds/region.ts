// Time zones and locales that the runtime knows.

import type { Kind } from '../kind.ts';
import { isLocale, withUnderscores } from '../locale.ts';
import { isStorableText } from '../text.ts';
import { isZoneName } from '../zone.ts';
import { namesOfSameZone } from '../zone-names.ts';
import { notIncluded, readText, textKind } from './text.ts';

/** Stored as it is given. A filter also finds other names of the same zone. */
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

/** Also accepts the hyphens of BCP 47. */
export const locale: Kind<string> = {
  ...localeText,
  check: (value, zone) => localeText.check(typeof value === 'string' ? withUnderscores(value) : value, zone),
  readFilter: (text) => readText(withUnderscores(text)),
};
