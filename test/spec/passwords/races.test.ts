// Links that are used or made at the same time, and what happens to an account while its new password is being hashed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import type { Transaction } from '../../../src/store/store.ts';
import { assertError } from '../../support/assert-error.ts';
import { withChangeBeforeWrite } from '../../support/change-before-write.ts';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { outcome } from '../../support/read-answers.ts';
import { serveStore, startApp } from '../../support/start-app.ts';
import { startInstances } from '../../support/two-instances.ts';
import { signInAt } from '../sessions/start-sign-in.ts';
import { ann, fresh, old, passwordsAt } from './start-passwords.ts';

/** Changes of the account of this id while its new password is being hashed. */
const changes: Readonly<
  Record<string, (transaction: Transaction, id: number, now: number) => Promise<unknown>>
> = {
  'its access has ended': (transaction, id, now) =>
    transaction.records(users).update(id, { account_access_expires_at: now }),
  'it is deleted': (transaction, id) => transaction.records(users).delete(id),
  'a newer link was made': ({ links }, id, now) => links.end({ userId: id }, ['password_reset'], now),
};

onEachEngine((engine) => {
  test('S12, E12 of a hundred who use one link at once, at two instances, one sets the password', async (t) => {
    const { one, other } = await startInstances(t, engine);
    const { id } = await one.createUser({ email: ann, password: old });
    const token = await passwordsAt(one).link(ann);
    const passwords = Array.from({ length: 100 }, (_, i) => `${fresh} ${i}`);
    const instances = [one, other].map(passwordsAt);
    const answers = await Promise.all(
      passwords.map((password, i) => instances[i % 2]!.reset(token, { password })),
    );
    const counts = Map.groupBy(answers, outcome);
    const told = [...counts].map(([what, { length }]) => `${length} ${what}`).sort();
    assert.deepEqual(told, ['1 204', '99 404 record_not_found']);
    const winner = passwords[answers.findIndex(({ status }) => status === 204)]!;
    assert.equal((await signInAt(other)(ann, winner)).body.data.attributes.user_id, id);
    assert.equal((await mailsTo(one, ann)).filter(({ kind }) => kind === 'password_changed').length, 1);
  });

  test('S13 of links that are asked for at once, one works', async (t) => {
    const app = await startApp(t, engine, { mailsPerAddress: '0', trustedProxies: 'loopback' });
    await app.createUser({ email: ann, password: old });
    const { ask, show } = passwordsAt(app);
    await Promise.all(Array.from({ length: 20 }, () => ask(ann)));
    const mails = await mailsTo(app, ann);
    const statuses = await Promise.all(mails.map(async ({ token }) => (await show(token!)).status));
    assert.equal(statuses.length, 20);
    assert.equal(statuses.filter((status) => status === 200).length, 1);
  });

  for (const [what, change] of Object.entries(changes))
    test(`E12 a link sets no password if ${what} while it is hashed`, async (t) => {
      const first = await startApp(t, engine, { trustedProxies: 'loopback' });
      const { id } = await first.createUser({ email: ann, password: old });
      const token = await passwordsAt(first).link(ann);
      const before = await first.store.read.passwords.find(id);
      const { write } = first.store;
      const raced = withChangeBeforeWrite(first.store, () =>
        write((transaction) => change(transaction, id, first.clock.now)),
      );
      const { reset } = passwordsAt(await serveStore(t, raced));
      assertError(await reset(token), 404, 'record_not_found');
      assert.equal(await first.store.read.passwords.find(id), what === 'it is deleted' ? null : before);
      const mails = await mailsTo(first, ann);
      assert.ok(mails.every(({ kind }) => kind === 'password_reset'));
    });
});
