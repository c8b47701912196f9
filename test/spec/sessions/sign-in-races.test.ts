// Sign-ins while something else happens: hashing takes long, and what was true before it may not be after it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash } from '@node-rs/bcrypt';
import { openStore } from '../../../src/open-store.ts';
import { users } from '../../../src/resources/users/users.ts';
import type { Store, Transaction } from '../../../src/store/store.ts';
import { assertError } from '../../support/assert-error.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, emptyStore, onEachEngine } from '../../support/engines.ts';
import { serveStore } from '../../support/start-app.ts';
import { right, signInAt, startSignIns, wrong } from './start-sign-in.ts';

const ann = 'ann@example.com';

/** Changes of the account of this id while its password is being hashed. */
const changes: Readonly<
  Record<string, (transaction: Transaction, id: number, now: number) => Promise<unknown>>
> = {
  'its access has ended': (transaction, id, now) =>
    transaction.records(users).update(id, { account_access_expires_at: now }),
  'it has another password': ({ passwords }, id, now) => passwords.set(id, 'another hash', now),
  'it has another address': (transaction, id) =>
    transaction.records(users).update(id, { email: 'eve@example.com' }),
  'it is deleted': (transaction, id) => transaction.records(users).delete(id),
};

/** A store in which something happens before the second write of a sign-in, which comes after the hash. */
function withChangeAfterHash(store: Store, change: () => Promise<unknown>): Store {
  let writes = 0;
  return {
    ...store,
    async write(work, locks) {
      if (++writes === 2) await change();
      return store.write(work, locks);
    },
  };
}

onEachEngine((engine) => {
  for (const [what, change] of Object.entries(changes))
    test(`E12 the right password of an account opens no session if ${what} when it is verified`, async (t) => {
      const config = await clearedConfig(t, engine);
      const store = await openStore(config);
      t.after(() => store.close());
      const first = await serveStore(t, store);
      const { id } = await first.createUser({ email: ann, password: right });
      const raced = withChangeAfterHash(store, () =>
        store.write((transaction) => change(transaction, id, first.clock.now)),
      );
      const before = await rowsOf(config, 'sessions');
      const app = await serveStore(t, raced);
      assertError(await signInAt(app)(ann, right), 401, 'invalid_credentials');
      const after = await rowsOf(config, 'sessions');
      assert.deepEqual(after, what === 'it is deleted' ? [] : before);
      for (const table of ['known_addresses', 'known_devices', 'mails'])
        assert.deepEqual(await rowsOf(config, table), []);
      assert.equal((await rowsOf(config, 'sign_in_attempts'))[0]!.failures, 1);
    });

  test('a sign-in waits for the disk once, at its end', async (t) => {
    const syncs: unknown[] = [];
    const store = await emptyStore(t, engine);
    const recorded: typeof store = {
      ...store,
      write(work, locks, sync) {
        syncs.push(sync);
        return store.write(work, locks, sync);
      },
    };
    const app = await serveStore(t, recorded);
    await app.createUser({ email: ann, password: right });
    for (const [password, status] of [
      [wrong, 401],
      [right, 201],
    ] as const) {
      syncs.length = 0;
      assert.equal((await signInAt(app)(ann, password)).status, status);
      assert.deepEqual(syncs, ['later', undefined]);
    }
  });

  test('E12 many right sign-ins at once each get their own session', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { id } = await app.createUser({ email: ann, password: right });
    const answers = await Promise.all(Array.from({ length: 20 }, () => signIn(ann, right)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
    assert.equal(new Set(answers.map(({ body }) => body.data.attributes.token)).size, 20);
    const waits = await app.store.read.sessions.list(id);
    assert.equal(waits.length, 21);
  });

  test('a hash of another system is replaced by the first right password, also when two arrive at once', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { id } = await app.createUser({ email: ann });
    const foreign = await hash(right, 4);
    await app.store.write(({ passwords }) => passwords.set(id, foreign, app.clock.now));
    assertError(await signIn(ann, 'a wrong password'), 401, 'invalid_credentials');
    assert.equal(await app.store.read.passwords.find(id), foreign);
    const answers = await Promise.all([signIn(ann, right), signIn(ann, right)]);
    const stored = await app.store.read.passwords.find(id);
    assert.match(stored!, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.ok(answers.some(({ status }) => status === 201));
    assert.equal((await signIn(ann, right)).status, 201);
    assert.equal(await app.store.read.passwords.find(id), stored);
  });
});
