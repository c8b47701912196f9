// Whole numbers, and the ids of records.

import { readId } from '../id.ts';
import { exactNumber } from '../json.ts';
import { type Kind, ordering, refused } from '../kind.ts';

export const integer: Kind<number> = {
  name: 'integer',
  column: 'integer',
  operators: ordering,
  check(value) {
    const number = exactNumber(value);
    // Adding 0 turns -0 into 0.
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
export const identifier: Kind<number> = {
  ...integer,
  name: 'id',
  /** Accepts a string, and also a number, which clients of other APIs send. */
  check(value) {
    const text = typeof value === 'string' ? value : String(exactNumber(value));
    const id = readId(text);
    return id === null ? refused('is not an id') : { value: id };
  },
  write: (stored) => `"${stored}"`,
  schema: { type: 'string', pattern: '^[1-9][0-9]*$', examples: ['1'] },
};

/** An id that is a number in documents too, as the hosted API shows the `user_id` of people. */
export const numericIdentifier: Kind<number> = {
  ...identifier,
  write: String,
  schema: { type: 'integer', minimum: 1, examples: [74] },
};
