import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCursor, writeCursor } from '../../src/jsonapi/cursor.ts';
import { keyedHash } from '../../src/security/keyed-hash.ts';

const hmac = keyedHash('a key of the server');
const query = 'users [{"attribute":"id","descending":false}] null';

const sortKey = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    fc.maxSafeInteger(),
    fc.boolean(),
  ),
  { minLength: 1, maxLength: 4 },
);

test('a cursor gives back the place it was made of', () => {
  fc.assert(
    fc.property(sortKey, fc.string(), (place, asked) => {
      assert.deepEqual(readCursor(writeCursor(place, asked, hmac), asked, hmac), place);
    }),
  );
});

test('a cursor holds nothing that a URL would have to encode', () => {
  fc.assert(
    fc.property(sortKey, (place) => {
      assert.match(writeCursor(place, query, hmac), /^[\w-]+\.[\w-]{22}$/);
    }),
  );
});

test('a cursor is of one query and one key', () => {
  const cursor = writeCursor(['other', 42], query, hmac);
  for (const other of ['', 'users', `${query} `, query.replace('false', 'true')])
    assert.equal(readCursor(cursor, other, hmac), undefined, other);
  for (const other of ['', 'another key', 'a key of the server '])
    assert.equal(readCursor(cursor, query, keyedHash(other)), undefined);
  assert.deepEqual(readCursor(cursor, query, hmac), ['other', 42]);
});

test('a cursor in which any character is another is refused', () => {
  const cursor = writeCursor(['Ann', 42, true], query, hmac);
  for (let i = 0; i < cursor.length; i++) {
    for (const letter of ['A', 'B', 'z', '_', '-', '.', '=', ' ', '+', '/', '\u0000', 'ä']) {
      if (cursor[i] === letter) continue;
      const altered = cursor.slice(0, i) + letter + cursor.slice(i + 1);
      assert.equal(readCursor(altered, query, hmac), undefined, altered);
    }
  }
});

test('a cursor that is cut, prolonged or put together of two is refused', () => {
  const cursor = writeCursor(['Ann', 42], query, hmac);
  const [payload, signature] = cursor.split('.');
  const [, otherSignature] = writeCursor(['Bob', 43], query, hmac).split('.');
  for (let i = 0; i < cursor.length; i++)
    assert.equal(readCursor(cursor.slice(0, i), query, hmac), undefined);
  for (const altered of [
    ...[
      `${cursor}=`,
      `${cursor}A`,
      `${cursor}.`,
      `.${cursor}`,
      ` ${cursor}`,
      `${cursor} `,
      `${cursor}.${signature}`,
    ],
    ...[
      `${payload}.${otherSignature}`,
      `${payload}.`,
      `.${signature}`,
      `${signature}.${payload}`,
      `${payload}=.${signature}`,
    ],
  ])
    assert.equal(readCursor(altered, query, hmac), undefined, altered);
});

test('any other text is refused, and none of it throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), fc.base64String(), (one, two) => {
      assert.equal(readCursor(one, query, hmac), undefined);
      assert.equal(readCursor(`${one}.${two}`, query, hmac), undefined);
    }),
    { numRuns: 500 },
  );
});
