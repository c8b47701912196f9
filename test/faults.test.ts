// Every fault in tools/faults.ts must fit the current source. After a rename or a move, change it there too.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Fault, faults, withFault } from '../tools/faults.ts';

const root = join(import.meta.dirname, '..');
const described = ({ file, name }: Fault) => `${file}: ${name}`;

test('every fault that the suite must notice still fits the source, at one place', () => {
  assert.deepEqual(faults.filter((fault) => withFault(root, fault) === undefined).map(described), []);
});

test('every fault names tests that are there, and has a name of its own', () => {
  const tests = faults.flatMap((fault) => fault.tests);
  assert.deepEqual(
    tests.filter((file) => !existsSync(join(root, file))),
    [],
  );
  assert.ok(faults.every((fault) => fault.tests.length > 0));
  assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length);
});
