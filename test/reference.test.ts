import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { referenceFolder, referencePages } from '../docs/generate.ts';
import { catalog } from '../src/resources/catalog.ts';

for (const [name, page] of Object.entries(referencePages())) {
  test(`the reference page ${name} says what the declarations say (npm run docs writes it)`, () => {
    assert.equal(readFileSync(join(referenceFolder, name), 'utf8'), page);
  });
}

test('D7 describes exactly the routes that there are', () => {
  const { paths } = JSON.parse(referencePages()['openapi.json']!);
  const described = Object.entries(paths as Record<string, object>).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => method !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(described.sort(), catalog.map(({ method, path }) => `${method} ${path}`).sort());
});
