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
  for (let i = 0; i < count; i++) assert.equal(seen.valueOf(`person${i}@example.com`), '');
  assert.ok(process.memoryUsage().arrayBuffers - before < 50 * count);
});

test('a dry run knows the external id of each address it has seen, which takes what the ids take', () => {
  const count = 20_000;
  const before = process.memoryUsage().arrayBuffers;
  const seen = textDigests();
  const idOf = (i: number) => `crm\n${'é'.repeat(i % 10 === 0 ? 300 : 3)}${i}`;
  for (let i = 0; i < count; i++) seen.add(`person${i}@example.com`, idOf(i));
  seen.add('person1@example.com', 'another');
  for (let i = 0; i < count; i++) assert.equal(seen.valueOf(`person${i}@example.com`), idOf(i));
  assert.equal(seen.valueOf('nobody@example.com'), '');
  assert.ok(process.memoryUsage().arrayBuffers - before < 300 * count);
});
