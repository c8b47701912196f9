import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import { resources } from '../../../src/resources/resources.ts';

test('each resource that is kept is served, and has a folder of tests', () => {
  const kept = catalog.map(({ resource }) => resource).filter(({ isComputed }) => !isComputed);
  assert.deepEqual(new Set(resources), new Set(kept));
  const root = join(import.meta.dirname, '../../../src/resources');
  const defined = readdirSync(root).filter((folder) => existsSync(join(root, folder, `${folder}-access.ts`)));
  assert.equal(defined.length, resources.length);
  for (const folder of defined) assert.ok(existsSync(join(import.meta.dirname, '..', folder)), folder);
});
