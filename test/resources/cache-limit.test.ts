import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheLimit } from '../../src/resources/cache/cache-limit.ts';

const mebibyte = 1024 * 1024;
const limit = (memory: number, workers = 1, documentCacheBytes: number | null = null) =>
  cacheLimit({ documentCacheBytes, workers }, memory * mebibyte) / mebibyte;

test('the cache takes less in a small container', () => {
  assert.equal(limit(256), 8);
  assert.equal(limit(512), 16);
  assert.equal(limit(24 * 1024), 16);
});

test('workers share the memory of a small container', () => {
  assert.equal(limit(512, 4), 4);
  assert.equal(limit(24 * 1024, 4), 16);
});

test('a setting in bytes counts, whatever the machine has', () => {
  assert.equal(limit(256, 4, 100 * mebibyte), 100);
  assert.equal(limit(256, 1, 0), 0);
});
