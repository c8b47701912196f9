// Text that is compared exactly: URLs, secrets, and text that the server generates.

import { type Checked, equality, type FilterValue, type Kind, refused } from '../kind.ts';
import { codePoints, isStorableText } from '../text.ts';

export const notAllowed = 'contains characters that are not allowed';
export const notIncluded = 'is not included in the list';
export const tooLong = (maxLength: number) => `is too long (maximum is ${maxLength} characters)`;

/** @returns the text, or the reason why it cannot be stored */
export function checkString(value: unknown): string | Checked<never> {
  if (typeof value !== 'string') return refused('is not a string');
  if (!isStorableText(value)) return refused(notAllowed);
  return value;
}

export const writeString = (stored: string): string => JSON.stringify(stored);

export const readText = (text: string): FilterValue | undefined =>
  isStorableText(text) ? { exact: text } : undefined;

interface TextOptions {
  readonly name: string;
  readonly maxLength?: number;
  /** Returns the violation, or undefined if the text is valid. */
  readonly rule?: (text: string) => string | undefined;
  readonly schema?: Readonly<Record<string, unknown>>;
}

/**
 * Maximum number of UTF-16 units that a rule sees: rules are parsers, and some take quadratic time. Longer than any
 * valid text.
 */
const maxRead = 4096;

export function textKind(options: TextOptions): Kind<string> {
  const { maxLength, rule } = options;
  return {
    name: options.name,
    column: 'text',
    operators: equality,
    check(value) {
      const text = checkString(value);
      if (typeof text !== 'string') return text;
      const broken = rule?.(text.slice(0, maxRead));
      const violations = broken === undefined ? [] : [broken];
      if (maxLength !== undefined && codePoints(text) > maxLength) violations.push(tooLong(maxLength));
      return violations.length === 0 ? { value: text } : { violations };
    },
    readFilter: readText,
    write: writeString,
    schema: { type: 'string', ...(maxLength !== undefined && { maxLength }), ...options.schema },
  };
}

export const url = textKind({
  name: 'URL',
  maxLength: 2048,
  rule: (text) =>
    /^https?:\/\/[^\s/?#]/i.test(text) && !/[\s\p{Cc}]/u.test(text) && URL.canParse(text)
      ? undefined
      : 'is not an absolute http(s) URL',
  schema: { format: 'uri', examples: ['https://example.com/ann.png'] },
});

/** A secret that the server generates and its owner can read. */
export const secret: Kind<string> = {
  ...textKind({ name: 'secret' }),
  // The value from a client only requests a new secret, so any string is accepted.
  check: (value) => (typeof value === 'string' ? { value } : refused('is not a string')),
};

/** Text that the server generates. */
export const text = textKind({ name: 'text' });

export const maxShortText = 255;

/** What a client says of itself, for example the name of its browser. */
export const shortText = textKind({ name: 'text', maxLength: maxShortText });

export const note = textKind({ name: 'text', maxLength: 2000 });

/** One text of a short list. */
export function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  return {
    name: 'text',
    column: 'text',
    operators: equality,
    check: (value) =>
      (values as readonly unknown[]).includes(value) ? { value: value as T } : refused(notIncluded),
    readFilter: (text) => ((values as readonly string[]).includes(text) ? { exact: text } : undefined),
    write: writeString,
    schema: { type: 'string', enum: values, examples: [values.at(-1)] },
  };
}
