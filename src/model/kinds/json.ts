// JSON, stored as text so that it is returned unchanged.

import { type Kind, refused } from '../kind.ts';

interface JsonOptions {
  readonly name: string;
  readonly maxBytes: number;
  readonly rule?: (value: unknown) => string | undefined;
  readonly schema: Readonly<Record<string, unknown>>;
}

function jsonKind(options: JsonOptions): Kind<string> {
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
    write: (stored) => stored,
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
    return Object.values(value).every(scalar) ? undefined : 'may contain only booleans, strings and numbers';
  },
  schema: {
    type: 'object',
    additionalProperties: { type: ['boolean', 'string', 'number'] },
    examples: [{ new_menu: true }],
  },
});

/** An array that the server writes, of values with this JSON Schema. */
export function arrayOf(items: Readonly<Record<string, unknown>>): Kind<string> {
  return jsonKind({
    name: 'array',
    maxBytes: Number.POSITIVE_INFINITY,
    schema: { type: 'array', items, examples: [[]] },
  });
}

/** A set of names from a fixed list, stored in the order of the list. */
export function subsetOf(names: readonly string[]): Kind<string> {
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

const partsOfChange = { attribute: { type: 'string' }, from: {}, to: {} };

/** The changes of an event: the values of attributes before and after, as documents show them. */
export const recordedChanges = jsonKind({
  name: 'array of changes',
  maxBytes: Number.POSITIVE_INFINITY,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      properties: partsOfChange,
      required: Object.keys(partsOfChange),
      additionalProperties: false,
    },
    examples: [[{ attribute: 'first_name', from: 'Ann', to: 'Zoë' }]],
  },
});

export const recordedDetails = jsonKind({
  name: 'object',
  maxBytes: Number.POSITIVE_INFINITY,
  schema: {
    type: 'object',
    properties: {
      record: {
        type: 'object',
        properties: { type: { type: 'string' }, id: { type: 'string' } },
        required: ['type', 'id'],
        additionalProperties: false,
      },
    },
    examples: [{}],
  },
});
