import assert from 'node:assert/strict';
import type { ErrorCode } from '../../src/errors.ts';
import { contentType } from './start-app.ts';

export interface ErrorMember {
  readonly status: string;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly meta: Record<string, unknown>;
  readonly source: Record<string, unknown>;
}

/**
 * Checks an errors document exactly: status, media type, keys in order, and the same code in every error object. A 429 or 503
 * must say when to try again.
 * @returns the error objects
 */
export function assertError(
  answer: { readonly status: number; readonly headers: Headers; readonly text: string },
  status: number,
  code: ErrorCode,
): readonly ErrorMember[] {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get('content-type'), contentType);
  if (status === 429 || status === 503) assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  const document = JSON.parse(answer.text);
  assert.deepEqual(Object.keys(document), ['errors']);
  assert.ok(document.errors.length > 0);
  for (const error of document.errors) {
    assert.deepEqual(Object.keys(error), ['status', 'code', 'title', 'detail', 'meta', 'source']);
    assert.equal(error.status, String(status));
    assert.equal(error.code, code);
  }
  return document.errors;
}
