// The standards that test titles cite, and the page that lists them.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { citations, sections, standards } from '../../docs/standards.ts';

const cited = citations(join(import.meta.dirname, '..'));

test('every standard has a test', () => {
  assert.deepEqual(
    Object.keys(standards).filter((id) => !cited.has(id)),
    [],
  );
});

test('every id that a title of a test begins with is a standard', () => {
  assert.deepEqual(
    [...cited].filter(([id]) => !Object.hasOwn(standards, id)),
    [],
  );
});

test('every standard is one sentence of a known section, with its source', () => {
  for (const [id, { line, source }] of Object.entries(standards)) {
    assert.ok(sections[id[0]!], id);
    assert.match(line, /^\S.*\.$/, id);
    assert.notEqual(source, '', id);
  }
});
