// There is always an account that can administer, after any changes, also concurrent ones.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { powers } from '../../../src/model/actor.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, emptyDatabase, onEachEngine } from '../../support/engines.ts';
import { brokenRules, countAdministrators } from '../../support/read-answers.ts';
import { type Answer, document, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';
const rule = 'is needed, this is the last sysadmin';
const future = '2030-01-01T00:00:00Z';
const past = '2020-01-01T00:00:00Z';

interface Caller {
  readonly id: number;
  readonly token: string;
}

function patch(app: TestApp, token: string, id: number, attributes: Record<string, unknown>) {
  return app.request('PATCH', `${usersPath}/${id}`, { token, body: document(attributes) });
}

function remove(app: TestApp, token: string, id: number) {
  return app.request('DELETE', `${usersPath}/${id}`, { token });
}

/** Each change after which an account cannot administer, and the attributes that are refused. */
const takingAway: readonly (readonly [change: Record<string, unknown>, refused: readonly string[]])[] = [
  [{ sysadmin: false }, ['sysadmin']],
  [{ sysadmin_permissions: [] }, ['sysadmin_permissions']],
  ...powers.map(
    (power) =>
      [{ sysadmin_permissions: powers.filter((kept) => kept !== power) }, ['sysadmin_permissions']] as const,
  ),
  ...powers.map((power) => [{ sysadmin_permissions: [power] }, ['sysadmin_permissions']] as const),
  [{ account_access_expires_at: future }, ['account_access_expires_at']],
  [{ account_access_expires_at: past }, ['account_access_expires_at']],
  [{ sysadmin: false, account_access_expires_at: future }, ['sysadmin', 'account_access_expires_at']],
  [{ sysadmin: false, sysadmin_permissions: [] }, ['sysadmin', 'sysadmin_permissions']],
  [{ first_name: 'Other', sysadmin: false }, ['sysadmin']],
];

async function assertAllRefused(app: TestApp, by: Caller, last: Caller): Promise<void> {
  const before = await app.store.read.records(users).find(last.id);
  for (const [change, refused] of takingAway) {
    const rules = brokenRules(await patch(app, by.token, last.id, change));
    assert.deepEqual(
      rules,
      refused.map((name) => `${name} ${rule}`),
      JSON.stringify(change),
    );
  }
  assertError(await remove(app, by.token, last.id), 409, 'resource_conflict');
  assert.deepEqual(await app.store.read.records(users).find(last.id), before);
}

async function twoInstances(t: TestContext, engine: EngineName): Promise<[TestApp, TestApp]> {
  const open = await emptyDatabase(t, engine, { workers: 2 });
  return [await serveStore(t, await open()), await serveStore(t, await open())];
}

onEachEngine((engine) => {
  test('the last sysadmin cannot take from themselves what administering needs', async (t) => {
    const app = await startApp(t, engine);
    const last = await app.createUser({ sysadmin: true });
    await assertAllRefused(app, last, last);
  });

  test('powers that are dropped one by one stop before the first', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    for (const kept of [['manage_users', 'manage_security'], ['manage_security'], []])
      assert.deepEqual(brokenRules(await patch(app, token, id, { sysadmin_permissions: kept })), [
        `sysadmin_permissions ${rule}`,
      ]);
    assert.equal(await countAdministrators(app.store), 1);
  });

  // Each can ask, and none of them can administer.
  for (const [name, other] of [
    ['whose access ends', { values: { account_access_expires_at: Date.parse(future) } }],
    ['whose token expires and who has no password', { expiring: true }],
  ] as const) {
    test(`another sysadmin ${name} does not count`, async (t) => {
      const app = await startApp(t, engine);
      const last = await app.createUser({ sysadmin: true });
      const { id } = await app.createUser({ sysadmin: true, ...('values' in other && other) });
      if ('expiring' in other) {
        const [lasting] = await app.store.read.sessions.list(id);
        await app.store.write(({ sessions }) => sessions.end(lasting!.id));
      }
      const token = await app.createToken(id, { expiresAt: app.clock.now + 1e9 });
      await assertAllRefused(app, { id, token }, last);
      await assertAllRefused(app, last, last);
      // With a password, or without an end of access, it can administer.
      if ('expiring' in other) await app.store.write(({ passwords }) => passwords.set(id, 'hash', 0));
      else assert.equal((await patch(app, last.token, id, { account_access_expires_at: null })).status, 200);
      assert.equal((await patch(app, last.token, last.id, { sysadmin: false })).status, 200);
    });
  }

  test('another sysadmin whose access has ended, who lacks a power, or who only signed in does not count', async (t) => {
    const app = await startApp(t, engine);
    const last = await app.createUser({ sysadmin: true });
    await app.createUser({ sysadmin: true, values: { account_access_expires_at: Date.parse(past) } });
    await app.createUser({ sysadmin: ['manage_users', 'manage_security'], password: 'a password' });
    const signedIn = await app.createUser({ sysadmin: true });
    const [api] = await app.store.read.sessions.list(signedIn.id);
    await app.store.write(({ sessions }) => sessions.end(api!.id));
    await app.createToken(signedIn.id, { machine: false });
    await assertAllRefused(app, last, last);
  });

  test('with another one who can administer, each of these changes goes through', async (t) => {
    const app = await startApp(t, engine);
    const other = await app.createUser({ sysadmin: true });
    for (const [change] of takingAway) {
      const { id } = await app.createUser({ sysadmin: true });
      assert.equal((await patch(app, other.token, id, change)).status, 200, JSON.stringify(change));
    }
    const { id } = await app.createUser({ sysadmin: true });
    assert.equal((await remove(app, other.token, id)).status, 204);
    assert.equal(await countAdministrators(app.store), 1);
  });

  test('what takes nothing away is stored: the same values, other attributes, powers in another order', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const whole = (await app.request('GET', `${usersPath}/${id}`, { token })).body.data.attributes;
    assert.equal((await patch(app, token, id, { ...whole, first_name: 'Other' })).status, 200);
    const powersBackwards = [...powers].reverse();
    assert.equal((await patch(app, token, id, { sysadmin_permissions: powersBackwards })).status, 200);
    assert.equal((await patch(app, token, id, { account_access_expires_at: null })).status, 200);
    assert.equal(await countAdministrators(app.store), 1);
  });

  test('where nobody could administer before, nothing is refused for it', async (t) => {
    const app = await startApp(t, engine);
    const values = { account_access_expires_at: Date.parse(future) };
    const one = await app.createUser({ sysadmin: true, values });
    const other = await app.createUser({ sysadmin: true, values });
    assert.equal((await patch(app, one.token, other.id, { sysadmin: false })).status, 200);
    assert.equal((await remove(app, one.token, other.id)).status, 204);
    assert.equal((await patch(app, one.token, one.id, { sysadmin_permissions: [] })).status, 200);
  });

  test('the last sysadmin is told of every broken rule at once', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    assert.deepEqual(brokenRules(await patch(app, token, id, { first_name: ' ', sysadmin: false })).sort(), [
      "first_name can't be blank",
      `sysadmin ${rule}`,
    ]);
  });

  type Take = (app: TestApp, by: Caller, whom: Caller) => Promise<Answer>;
  const demote: Take = (app, by, whom) => patch(app, by.token, whom.id, { sysadmin: false });
  const expire: Take = (app, by, whom) =>
    patch(app, by.token, whom.id, { account_access_expires_at: future });
  const weaken: Take = (app, by, whom) =>
    patch(app, by.token, whom.id, { sysadmin_permissions: ['manage_users'] });
  const erase: Take = (app, by, whom) => remove(app, by.token, whom.id);
  for (const [name, first, second] of [
    ['demote', demote, demote],
    ['demote and expire', demote, expire],
    ['demote and delete', demote, erase],
    ['weaken and delete', weaken, erase],
    ['expire', expire, expire],
  ] as const) {
    test(`two sysadmins who ${name} each other at once, at two instances, leave one`, async (t) => {
      const [here, there] = await twoInstances(t, engine);
      for (let round = 0; round < 20; round++) {
        const one = await here.createUser({ sysadmin: true });
        const other = await there.createUser({ sysadmin: true, email: `other${round}@email.com` });
        const answers = await Promise.all([first(here, one, other), second(there, other, one)]);
        for (const { status } of answers) assert.ok(status < 500, String(status));
        assert.equal(await countAdministrators(here.store), 1, `round ${round}`);
        await here.store.write(async (transaction) => {
          for (const { id } of [one, other]) await transaction.records(users).delete(id);
        });
      }
    });
  }

  test('two sysadmins who leave at once, each by themselves, leave one', async (t) => {
    const [here, there] = await twoInstances(t, engine);
    for (let round = 0; round < 20; round++) {
      const one = await here.createUser({ sysadmin: true });
      const other = await there.createUser({ sysadmin: true, email: `other${round}@email.com` });
      const answers = await Promise.all([demote(here, one, one), erase(there, other, other)]);
      assert.ok(
        answers.some(({ status }) => status === 422 || status === 409),
        `round ${round}`,
      );
      assert.equal(await countAdministrators(here.store), 1, `round ${round}`);
      await here.store.write(async (transaction) => {
        for (const { id } of [one, other]) await transaction.records(users).delete(id);
      });
    }
  });
});
