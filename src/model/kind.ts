// The kinds of attribute. One object per kind owns everything that follows from it: what a document may hold, what a
// filter may say, how it is stored and how it is written as JSON.

import { exactNumber } from './json.ts';
import { isLocale, withUnderscores } from './locale.ts';
import { isEmail, mailboxKey, mailboxKeys, mailboxPart, maxEmailOctets } from './mailbox.ts';
import { codePoints, fold, hasControls, isBlank, isStorableText, normalized } from './text.ts';
import { type Interval, isWritable, readTimestamp } from './timestamp.ts';
import { isZoneName, type Zone } from './zone.ts';
import { namesOfSameZone } from './zone-names.ts';

export type FilterOperator = 'eq' | 'not_eq' | 'contains' | 'not_contain' | 'gt' | 'gt_eq' | 'lt' | 'lt_eq';

/** What a column holds: times are milliseconds since 1970, JSON is its text. */
export type Stored = string | number | boolean | null;

/** A stored value, or every rule that the given one breaks. */
export type Checked = { readonly value: Stored } | { readonly violations: readonly string[] };

const refused = (...violations: readonly string[]): Checked => ({ violations });

/** A value out of a query parameter: one stored value, several that mean the same, or an interval of them. */
export type FilterValue =
  | { readonly exact: Stored }
  | { readonly anyOf: readonly Stored[] }
  | { readonly interval: Interval };

export interface Kind {
  readonly name: string;
  readonly column: 'integer' | 'text' | 'boolean';
  readonly operators: readonly FilterOperator[];
  /** Text that is searched, sorted and (where `identity`) compared without regard to case has a folded companion. */
  readonly folded?: 'search' | 'identity';
  /** Of folded text: what stands in its companion, equal for texts that are to be the same. */
  readonly key?: (text: string) => string;
  /** Of an identity: every key by which the text may be found, the likeliest first. */
  readonly keys?: (text: string) => readonly string[];
  /** No value has a space: a `+` in a query that is not percent-encoded is a plus. */
  readonly hasNoSpaces?: true;
  /** Kept as JSON text. */
  readonly json?: true;
  /** A value of a document, not null. */
  check(value: unknown, zone: Zone): Checked;
  /** A value of a filter; undefined where it is none of this kind. */
  readFilter(text: string, zone: Zone): FilterValue | undefined;
  /** Of folded text: what `contains` looks for. */
  readonly readPart?: (text: string) => FilterValue | undefined;
  /** The stored value, not null, as JSON text. */
  write(stored: Stored, zone: Zone): string;
  /** JSON Schema of the value, with an example. */
  readonly schema: Readonly<Record<string, unknown>>;
}

const equality: readonly FilterOperator[] = ['eq', 'not_eq'];
const ordered: readonly FilterOperator[] = ['eq', 'not_eq', 'gt', 'gt_eq', 'lt', 'lt_eq'];
const searchable: readonly FilterOperator[] = ['eq', 'not_eq', 'contains', 'not_contain'];

function checkString(value: unknown): string | Checked {
  if (typeof value !== 'string') return refused('is not a string');
  if (!isStorableText(value)) return refused(notAllowed);
  return value;
}

const notIncluded = 'is not included in the list';
const notAllowed = 'contains characters that are not allowed';
const tooLong = (maxLength: number) => `is too long (maximum is ${maxLength} characters)`;
const writeString = (stored: Stored): string => JSON.stringify(stored);
const readText = (text: string): FilterValue | undefined =>
  isStorableText(text) ? { exact: text } : undefined;

interface TextOptions {
  readonly name: string;
  readonly maxLength?: number;
  /** The violation, or undefined where the text is good. */
  readonly rule?: (text: string) => string | undefined;
  readonly schema?: Readonly<Record<string, unknown>>;
}

/** Rules are parsers, and some take the square of a length: UTF-16 units of the longest text that is good. */
const maxRead = 4096;

function textKind(options: TextOptions): Kind {
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

const maxNameLength = 255;

/** What a person or an organization is called: kept in NFC, with something to see, on one line. */
export const personName: Kind = {
  name: 'text',
  column: 'text',
  operators: searchable,
  folded: 'search',
  check(value) {
    const text = checkString(value);
    if (typeof text !== 'string') return text;
    const name = normalized(text, maxNameLength);
    const violations: string[] = [];
    if (isBlank(text)) violations.push("can't be blank");
    else if (hasControls(text)) violations.push(notAllowed);
    if (name === undefined || codePoints(name) > maxNameLength) violations.push(tooLong(maxNameLength));
    return violations.length === 0 ? { value: name! } : { violations };
  },
  key: fold,
  readFilter: (text) => (isStorableText(text) ? { exact: text.normalize('NFC') } : undefined),
  readPart: readText,
  write: writeString,
  schema: { type: 'string', minLength: 1, maxLength: maxNameLength, examples: ['Ann'] },
};

export const organizationName: Kind = personName;

export const email: Kind = {
  name: 'email',
  column: 'text',
  operators: searchable,
  folded: 'identity',
  hasNoSpaces: true,
  check(value) {
    const text = checkString(value);
    if (typeof text !== 'string') return text;
    if (isBlank(text)) return refused("can't be blank");
    const address = normalized(text, maxEmailOctets);
    return address !== undefined && isEmail(address) ? { value: address } : refused('is not an email');
  },
  key: mailboxKey,
  keys: mailboxKeys,
  readFilter: (text) => (isStorableText(text) ? { anyOf: mailboxKeys(text) } : undefined),
  readPart: (text) => (isStorableText(text) ? { exact: mailboxPart(text) } : undefined),
  write: writeString,
  // No format: `email` is ASCII alone, and few validators know `idn-email`.
  schema: { type: 'string', maxLength: maxEmailOctets, examples: ['ann@example.com'] },
};

export const url = textKind({
  name: 'URL',
  maxLength: 2048,
  rule: (text) =>
    /^https?:\/\/[^\s/?#]/i.test(text) && !/[\s\p{Cc}]/u.test(text) && URL.canParse(text)
      ? undefined
      : 'is not an absolute http(s) URL',
  schema: { format: 'uri', examples: ['https://example.com/ann.png'] },
});

/** Kept as it is given; a filter finds all names of the same zone. */
export const timeZone: Kind = {
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
export const locale: Kind = {
  ...localeText,
  check: (value, zone) => localeText.check(typeof value === 'string' ? withUnderscores(value) : value, zone),
  readFilter: (text) => readText(withUnderscores(text)),
};

/** A secret that the server makes and its owner reads. */
export const secret: Kind = {
  ...textKind({ name: 'secret' }),
  // What a client sends only asks for a fresh one, so any string will do.
  check: (value) => (typeof value === 'string' ? { value } : refused('is not a string')),
};

/** Text that the server writes. */
export const text = textKind({ name: 'text' });

export const integer: Kind = {
  name: 'integer',
  column: 'integer',
  operators: ordered,
  check(value) {
    const number = exactNumber(value);
    // A zero with a sign is the zero that columns hold.
    return Number.isSafeInteger(number) ? { value: number! + 0 } : refused('is not an integer');
  },
  readFilter(text) {
    if (!/^-?\d{1,16}$/.test(text)) return undefined;
    const value = Number(text);
    return Number.isSafeInteger(value) ? { exact: value } : undefined;
  },
  write: (stored) => String(stored),
  schema: { type: 'integer', examples: [74] },
};

/** The id of a resource: a number in the database, a decimal string in documents. */
export const identifier: Kind = {
  ...integer,
  name: 'id',
  write: (stored) => `"${stored}"`,
  schema: { type: 'string', pattern: '^[1-9][0-9]*$', examples: ['1'] },
};

export const boolean: Kind = {
  name: 'boolean',
  column: 'boolean',
  operators: equality,
  check: (value) => (typeof value === 'boolean' ? { value } : refused('is not a boolean')),
  readFilter(text) {
    if (/^(true|1)$/i.test(text)) return { exact: true };
    return /^(false|0)$/i.test(text) ? { exact: false } : undefined;
  },
  write: (stored) => (stored ? 'true' : 'false'),
  schema: { type: 'boolean', examples: [false] },
};

export const timestamp: Kind = {
  name: 'time',
  column: 'integer',
  operators: ordered,
  check(value, zone) {
    const interval = typeof value === 'string' ? readTimestamp(value, zone) : undefined;
    return interval && isWritable(interval.from) ? { value: interval.from } : refused('is not a time');
  },
  readFilter(text, zone) {
    const interval = readTimestamp(text, zone);
    if (interval === undefined) return undefined;
    return interval.day ? { interval } : { exact: interval.from };
  },
  write: (stored, zone) => `"${zone.format(stored as number)}"`,
  schema: { type: 'string', format: 'date-time', examples: ['2026-03-17T04:04:00.843+00:00'] },
};

interface JsonOptions {
  readonly name: string;
  readonly maxBytes: number;
  readonly rule?: (value: unknown) => string | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** JSON kept as its text, so that what was stored comes back unchanged. */
function jsonKind(options: JsonOptions): Kind {
  return {
    name: options.name,
    column: 'text',
    json: true,
    operators: [],
    check(value) {
      const violation = options.rule?.(value);
      if (violation !== undefined) return refused(violation);
      const json = JSON.stringify(value);
      return Buffer.byteLength(json) > options.maxBytes
        ? refused(`is too large (maximum is ${options.maxBytes} bytes)`)
        : { value: json };
    },
    readFilter: () => undefined,
    write: (stored) => stored as string,
    schema: options.schema,
  };
}

export const anyJson = jsonKind({
  name: 'any JSON',
  maxBytes: 64 * 1024,
  schema: { examples: [{ theme: 'dark' }] },
});

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

export const flags = jsonKind({
  name: 'object of flags',
  maxBytes: 64 * 1024,
  rule(value) {
    if (!isPlainObject(value)) return 'is not an object';
    const scalar = (flag: unknown) =>
      typeof flag === 'boolean' ||
      typeof flag === 'string' ||
      typeof flag === 'number' ||
      JSON.isRawJSON(flag as object);
    return Object.values(value).every(scalar) ? undefined : 'may hold booleans, strings and numbers alone';
  },
  schema: {
    type: 'object',
    additionalProperties: { type: ['boolean', 'string', 'number'] },
    examples: [{ new_menu: true }],
  },
});

/** A set of names out of a fixed list, kept in the order of the list. */
export function subsetOf(names: readonly string[]): Kind {
  const kind = jsonKind({
    name: 'array of strings',
    maxBytes: 64 * 1024,
    rule(value) {
      if (!Array.isArray(value)) return 'is not an array';
      return value.every((name) => names.includes(name)) ? undefined : 'is not included in the list';
    },
    schema: { type: 'array', items: { type: 'string', enum: names }, uniqueItems: true, examples: [[]] },
  });
  return {
    ...kind,
    check(value, zone) {
      const checked = kind.check(value, zone);
      if ('violations' in checked) return checked;
      return { value: JSON.stringify(names.filter((name) => (value as string[]).includes(name))) };
    },
  };
}
