import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { referenceFolder, referencePages } from '../../docs/generate.ts';

for (const [name, page] of Object.entries(referencePages())) {
  test(`the reference page ${name} says what the declarations say (npm run docs writes it)`, () => {
    assert.equal(readFileSync(join(referenceFolder, name), 'utf8'), page);
  });
}
