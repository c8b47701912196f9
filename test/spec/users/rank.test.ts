// Nobody may change or delete another account that has a power which they lack: 403, decided by the current state of
// the account.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { powers } from '../../../src/model/actor.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { document, mediaType, startApp, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';

/** All sets of powers. */
const sets = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => powers.filter((_, i) => bits & (1 << i)));

const rename = (app: TestApp, token: string, id: number) =>
  app.request('PATCH', `${usersPath}/${id}`, { token, body: document({ first_name: 'Other' }) });

onEachEngine((engine) => {
  test('D5 of two sysadmins the one with manage_users changes and deletes the other who holds no more', async (t) => {
    const app = await startApp(t, engine);
    await app.createUser({ sysadmin: true });
    for (const held of sets) {
      const caller = await app.createUser({ sysadmin: held });
      for (const theirs of sets) {
        const target = await app.createUser({ sysadmin: theirs });
        const may = held.includes('manage_users') && theirs.every((power) => held.includes(power));
        const question = `${held.join()} on ${theirs.join()}`;
        const before = await app.store.read.records(users).find(target.id);
        assert.equal((await rename(app, caller.token, target.id)).status, may ? 200 : 403, question);
        if (!may) assert.deepEqual(await app.store.read.records(users).find(target.id), before, question);
        const deleted = await app.request('DELETE', `${usersPath}/${target.id}`, { token: caller.token });
        assert.equal(deleted.status, may ? 204 : 403, question);
      }
    }
  });

  test('D5 a sysadmin without all powers changes nothing of one who has them, not by any attribute', async (t) => {
    const app = await startApp(t, engine);
    const full = await app.createUser({ sysadmin: true });
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const before = await app.store.read.records(users).find(full.id);
    for (const attributes of [
      { email: 'mine@email.com' },
      { account_access_expires_at: '2020-01-01' },
      { sysadmin: false },
      { sysadmin_permissions: [] },
      { first_name: 'Other', flags: { a: true } },
      // Ignored, unchanged or invalid: the values are not checked.
      { locale: 'de_DE' },
      { first_name: 'name' },
      { first_name: ' ' },
      {},
    ])
      assertError(
        await app.request('PATCH', `${usersPath}/${full.id}`, { token, body: document(attributes) }),
        403,
        'access_denied',
      );
    assert.deepEqual(await app.store.read.records(users).find(full.id), before);
  });

  test('D5 permissions of an account that is no sysadmin are no rank', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: ['manage_users'] });
    const { id } = await app.createUser({ values: { sysadmin_permissions: JSON.stringify(powers) } });
    assert.equal((await rename(app, token, id)).status, 200);
    assert.equal((await app.request('DELETE', `${usersPath}/${id}`, { token })).status, 204);
  });

  test('D5 whoever holds no power but themselves changes themselves', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: [] });
    const other = await app.createUser();
    assert.equal((await rename(app, token, id)).status, 200);
    assertError(await rename(app, token, other.id), 403, 'access_denied');
  });

  for (const attributes of [{ first_name: 'Other' }, { email: 'other@email.com' }])
    test(`D5 one who is promoted while the change of ${Object.keys(attributes)} is on its way is not changed`, async (t) => {
      const app = await startApp(t, engine);
      const caller = await app.createUser({ sysadmin: ['manage_users'] });
      const { id } = await app.createUser();
      const body = JSON.stringify(document(attributes));
      const sending = httpRequest(`${app.url}${usersPath}/${id}`, {
        method: 'PATCH',
        headers: {
          'X-Auth-Token': caller.token,
          'Content-Type': mediaType,
          'Content-Length': Buffer.byteLength(body),
          Expect: '100-continue',
        },
      });
      const answered = once(sending, 'response');
      sending.flushHeaders();
      await once(sending, 'continue');
      sending.write(body.slice(0, 5));
      await app.store.write((transaction) =>
        transaction
          .records(users)
          .update(id, { sysadmin: true, sysadmin_permissions: JSON.stringify(powers) }),
      );
      sending.end(body.slice(5));
      const [response] = await answered;
      response.resume();
      assert.equal(response.statusCode, 403);
      assert.equal((await app.store.read.records(users).find(id))!.first_name, 'name');
    });
});
