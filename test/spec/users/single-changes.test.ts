// A change of an account that is about its row alone is one change, without a transaction around it, whatever goes along
// with other changes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store, Writes } from '../../../src/store/store.ts';
import { emptyStore, onEachEngine } from '../../support/engines.ts';
import { document, serveStore } from '../../support/start-app.ts';

/** A store that counts the writes of requests by their kind. */
function counting(store: Store): { store: Store; taken(): Record<keyof Writes, number> } {
  const none = () => ({ write: 0, changeRecord: 0 });
  let counts = none();
  return {
    store: {
      ...store,
      writesAs(caller) {
        const { write, changeRecord } = store.writesAs(caller);
        return {
          write: (...asked) => {
            counts.write++;
            return write(...asked);
          },
          changeRecord: (...asked) => {
            counts.changeRecord++;
            return changeRecord(...asked);
          },
        };
      },
    },
    taken() {
      const taken = counts;
      counts = none();
      return taken;
    },
  };
}

onEachEngine((engine) => {
  test('a PATCH without an email is a single change, and one with another email is a transaction', async (t) => {
    const { store, taken } = counting(await emptyStore(t, engine));
    for (const confirmEmail of ['false', 'true']) {
      const app = await serveStore(t, store, { confirmEmail });
      const { id, token } = await app.createUser({ email: `ann.${confirmEmail}@email.com` });
      const patch = async (attributes: Record<string, unknown>) => {
        const body = document(attributes, String(id));
        const answer = await app.request('PATCH', `/api/v2/users/${id}`, { token, body });
        assert.equal(answer.status, 200, answer.text);
        return taken();
      };
      const name = `confirmed: ${confirmEmail}`;
      const values = { last_name: 'Other', locale: 'de_AT', preferences: { color: 'red' } };
      assert.deepEqual(await patch(values), { write: 0, changeRecord: 1 }, name);
      const email = `other.${confirmEmail}@email.com`;
      assert.deepEqual(await patch({ email }), { write: 1, changeRecord: 0 }, name);
    }
  });
});
