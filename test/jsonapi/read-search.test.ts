// filter[query]: its words have the form of the texts that are searched, which their kind decides.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { readCollectionQuery } from '../../src/jsonapi/read-query.ts';
import { email, personName } from '../../src/model/kinds.ts';
import { defineResource } from '../../src/model/resource.ts';
import { zone } from '../../src/model/zone.ts';
import { keyedHash } from '../../src/security/keyed-hash.ts';

const context = {
  zone: zone('UTC'),
  limits: readConfig({}, {}),
  cursorHmac: keyedHash('key'),
  resources: new Map(),
};
const open = { read: 'everyone', description: 'A text.' } as const;
/** An identity that is no address: written with or without dashes, it is the same. */
const code = { ...email, readPart: (text: string) => text.replaceAll('-', '') };

for (const [title, search, words] of [
  ['a name', ['name'], ['xn--mller-kva', 'ab-12']],
  ['an address', ['name', 'address'], ['müller', 'ab-12']],
  ['an identity that is no address', ['name', 'code'], ['xnmllerkva', 'ab12']],
] as const)
  test(`a word is looked for as ${title} has it`, () => {
    const things = defineResource({
      type: 'things',
      singular: 'thing',
      audiences: {},
      attributes: {
        name: { ...open, kind: personName },
        address: { ...open, kind: email },
        code: { ...open, kind: code },
      },
      search,
    });
    const { filter } = readCollectionQuery('filter[query]=XN--mller-kva%20AB-12', things, context);
    assert.deepEqual(filter, { words });
  });
