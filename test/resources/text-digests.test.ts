import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textDigests } from '../../src/resources/users/text-digests.ts';

test('a dry run knows each of the addresses it has seen, and no others, in 50 bytes for each', () => {
  const count = 20_000;
  const before = process.memoryUsage().arrayBuffers;
  const seen = textDigests();
  for (let i = 0; i < count; i++) seen.add(`person${i}@example.com`);
  seen.add('person0@example.com');
  assert.equal(seen.size, count);
  for (let i = 0; i < count; i++) {
    assert.ok(seen.has(`person${i}@example.com`));
    assert.ok(!seen.has(`nobody${i}@example.com`));
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 50 * count);
});
