// Cursors: opaque positions in a sorted collection. A cursor is signed together with its sort and filter, so a cursor
// that was changed, or that belongs to another query, is rejected.

import { timingSafeEqual } from 'node:crypto';
import type { SortKey } from '../model/query.ts';

/** The HMAC-SHA-256 of a text under a secret of the server, in hexadecimal. */
export type CursorHmac = (text: string) => string;

/** @param query identifies the query of the cursor: any text that is equal for equal sorts and filters */
export function writeCursor(sortKey: SortKey, query: string, hmac: CursorHmac): string {
  const payload = Buffer.from(JSON.stringify(sortKey)).toString('base64url');
  return `${payload}.${sign(payload, query, hmac).toString('base64url')}`;
}

/** @returns undefined if the cursor does not belong to this query */
export function readCursor(cursor: string, query: string, hmac: CursorHmac): SortKey | undefined {
  const [payload, signature, ...rest] = cursor.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const expected = sign(payload, query, hmac);
  const given = Buffer.from(signature, 'base64url');
  // Compared with its canonical encoding, because base64url decoding is lenient and would accept several texts for
  // one cursor.
  if (given.length !== expected.length || given.toString('base64url') !== signature) return undefined;
  return timingSafeEqual(given, expected)
    ? JSON.parse(Buffer.from(payload, 'base64url').toString())
    : undefined;
}

const signatureBytes = 16;

function sign(payload: string, query: string, hmac: CursorHmac): Buffer {
  return Buffer.from(hmac(`${payload}\n${query}`).slice(0, 2 * signatureBytes), 'hex');
}
