// The audit event of a change.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operator } from '../../src/model/actor.ts';
import { personName } from '../../src/model/kinds.ts';
import { defineResource } from '../../src/model/resource.ts';
import { changeEvent } from '../../src/resources/operations/record-change.ts';

test('the action of an event names one record, as its definition does', () => {
  for (const [type, singular] of [
    ['people', 'person'],
    ['entries', 'entry'],
    ['recovery_codes', 'recovery_code'],
  ] as const) {
    const resource = defineResource({
      type,
      singular,
      audiences: {},
      search: [],
      attributes: { name: { kind: personName, required: true, read: 'everyone', description: 'Its name.' } },
    });
    const change = { verb: 'create', before: null, after: { id: 7, name: 'A' } };
    const { action, record } = changeEvent({ actor: operator, origin: () => null }, resource, change);
    assert.deepEqual({ action, record }, { action: `${singular}.create`, record: { type, id: 7 } });
  }
});
