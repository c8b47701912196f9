import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { keyedHash } from '../../src/security/keyed-hash.ts';

const keys = ['', 'secret', 'k'.repeat(64), 'k'.repeat(65), 'clé ✓'];
const texts = ['', '7', '9007199254740991', 'ж'.repeat(64), 'x'.repeat(65), 'x'.repeat(5000), '8'];

for (const key of keys)
  test(`hashes texts as HMAC-SHA-256 does, one after another, with a key of ${key.length} characters`, () => {
    const hashed = keyedHash(key);
    for (const text of texts)
      assert.equal(hashed(text), createHmac('sha256', key).update(text).digest('hex'), `${text.length}`);
  });
