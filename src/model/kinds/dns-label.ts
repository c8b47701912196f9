// Labels of domain names, such as the subdomain of an organization. They are unique.

import { equality, type Kind } from '../kind.ts';
import { isStorableText } from '../text.ts';
import { textKind } from './text.ts';

/** RFC 1035 section 2.3.4. */
const maxLabelLength = 63;

const key = (text: string) => text.toLowerCase();

const label = textKind({
  name: 'DNS label',
  maxLength: maxLabelLength,
  // RFC 1123 section 2.1: a label may begin with a digit.
  rule: (text) =>
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)
      ? undefined
      : 'may contain only letters, digits and hyphens, and hyphens only between them',
  schema: { minLength: 1, pattern: '^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$', examples: ['acme'] },
});

/** Stored in lower case, because DNS makes no difference (RFC 4343). */
export const dnsLabel: Kind<string> = {
  ...label,
  operators: equality,
  folded: 'identity',
  hasNoSpaces: true,
  check: (value, zone) => label.check(typeof value === 'string' ? key(value) : value, zone),
  key,
  keys: (text) => [key(text)],
  readFilter: (text) => (isStorableText(text) ? { exact: key(text) } : undefined),
  readPart: (text) => (isStorableText(text) ? key(text) : undefined),
};
