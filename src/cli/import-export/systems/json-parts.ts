// Parts of JSON, and JSON in cells.

import { JsonError, readJson } from '../../../model/json.ts';
import type { Members } from '../account-reader.ts';

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** A value that is not in a list becomes a list. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** The value of JSON in text. What is not JSON stays as it is. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return readJson(value);
  } catch (error) {
    if (error instanceof JsonError) return value;
    throw error;
  }
}

/** Without empty lists and objects, and what is not there. */
export function withoutEmpty(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => {
      if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value !== undefined;
      return Object.keys(value).length > 0;
    }),
  );
}
