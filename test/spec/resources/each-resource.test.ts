import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import { resources } from '../../../src/resources/resources.ts';

test('each resource that is kept is served, and has a folder of tests', () => {
  assert.deepEqual(new Set(resources), new Set(catalog.map(({ resource }) => resource)));
  for (const { type } of resources) assert.ok(existsSync(join(import.meta.dirname, '..', type)), type);
});
