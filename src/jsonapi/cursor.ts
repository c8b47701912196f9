// Opaque places in a sorted collection. A cursor is signed together with the sort and filter it belongs to, so that one
// that was altered, or taken from another query, is refused instead of answered wrongly.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SortKey } from '../model/query.ts';

/** @param query what the cursor belongs to: any text that is equal for equal sorts and filters */
export function writeCursor(sortKey: SortKey, query: string, key: string): string {
  const payload = Buffer.from(JSON.stringify(sortKey)).toString('base64url');
  return `${payload}.${sign(payload, query, key).toString('base64url')}`;
}

/** @returns undefined where the cursor is not one of this query */
export function readCursor(cursor: string, query: string, key: string): SortKey | undefined {
  const [payload, signature, ...rest] = cursor.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const expected = sign(payload, query, key);
  const given = Buffer.from(signature, 'base64url');
  // Re-encoded, because base64url decoding is lenient and one place has one cursor.
  if (given.length !== expected.length || given.toString('base64url') !== signature) return undefined;
  return timingSafeEqual(given, expected)
    ? JSON.parse(Buffer.from(payload, 'base64url').toString())
    : undefined;
}

function sign(payload: string, query: string, key: string): Buffer {
  return createHmac('sha256', key).update(`${payload}\n${query}`).digest().subarray(0, 16);
}
