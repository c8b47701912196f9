// Every change of an account is recorded as an audit event, from requests and from commands.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { operatorOf } from '../../src/cli/accounts/operator.ts';
import { bootstrap } from '../../src/cli/serve/bootstrap.ts';
import { readConfig } from '../../src/config.ts';
import { createRecord } from '../../src/resources/operations/create.ts';
import { deleteRecord } from '../../src/resources/operations/delete.ts';
import { updateRecord } from '../../src/resources/operations/update.ts';
import { endSession } from '../../src/resources/sessions/end-session.ts';
import { importUsers } from '../../src/resources/users/import-users.ts';
import { setPassword } from '../../src/resources/users/set-password.ts';
import { userRules } from '../../src/resources/users/user-rules.ts';
import { users } from '../../src/resources/users/users.ts';
import { type EngineName, emptyStore, onEachEngine } from '../support/engines.ts';
import { recordedSince } from '../support/recording-store.ts';
import { document, serveStore } from '../support/start-app.ts';

const password = 'correct horse battery';

async function recording(t: TestContext, engine: EngineName) {
  const store = await emptyStore(t, engine);
  const since = await recordedSince(store);
  /** Events since the last call. */
  const recorded = async () => (await since()).map(({ id: _, ...event }) => event);
  return { store, recorded };
}

onEachEngine((engine) => {
  test('requests record who did what, from where, and what changed', async (t) => {
    const { store, recorded } = await recording(t, engine);
    const app = await serveStore(t, store);
    const admin = await app.createUser({ sysadmin: true });
    const owner = await app.createUser({ password });
    const session = await app.createToken(owner.id, { machine: false });
    assert.deepEqual(await recorded(), []);
    const write = async (method: string, path: string, token: string, attributes?: object) => {
      const body = attributes && document({ ...attributes });
      const headers = { 'User-Agent': 'test/1', 'X-Request-Id': 'request-1' };
      const answer = await app.request(method, path, { token, headers, ...(body && { body }) });
      return { ...answer, events: await recorded() };
    };

    const person = {
      email: 'new@email.com',
      first_name: 'N',
      last_name: 'E',
      preferences: { a: 1 },
      password,
    };
    const created = await write('POST', '/api/v2/users', admin.token, person);
    const id = Number(created.body.data.id);
    const origin = { address: '127.0.0.1', userAgent: 'test/1', requestId: 'request-1' };
    const byAdmin = {
      actor: { kind: 'token', userId: admin.id },
      outcome: 'success',
      record: { type: 'users', id },
      subjectId: id,
      organizationId: null,
      details: {},
      origin,
    };
    const [creation] = created.events;
    assert.equal(created.events.length, 1);
    assert.deepEqual({ ...creation, changes: [] }, { ...byAdmin, action: 'user.create', changes: [] });
    assert.deepEqual(
      creation!.changes.filter(({ attribute }) => ['email', 'preferences'].includes(attribute)),
      [
        { attribute: 'email', from: null, to: 'new@email.com' },
        { attribute: 'preferences', from: 'changed', to: 'changed' },
      ],
    );
    assert.doesNotMatch(JSON.stringify(creation), new RegExp(password));

    for (const change of [{ first_name: 'Zoë' }, { email: 'other@email.com' }]) {
      const [[attribute, to]] = Object.entries(change) as [[string, string]];
      const from = person[attribute as 'email'];
      const { events } = await write('PATCH', `/api/v2/users/${id}`, admin.token, change);
      assert.deepEqual(events, [{ ...byAdmin, action: 'user.update', changes: [{ attribute, from, to }] }]);
      assert.deepEqual((await write('PATCH', `/api/v2/users/${id}`, admin.token, change)).events, []);
    }
    const refused = await write('PATCH', `/api/v2/users/${id}`, admin.token, { first_name: '' });
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.events, []);

    const path = `/api/v2/users/${owner.id}/update_password`;
    const changed = await write('PATCH', path, session, {
      current_password: password,
      password: `${password} staple`,
    });
    assert.equal(changed.status, 200);
    assert.deepEqual(changed.events, [
      {
        ...byAdmin,
        actor: { kind: 'user', userId: owner.id },
        action: 'user.update_password',
        record: { type: 'users', id: owner.id },
        subjectId: owner.id,
        changes: [{ attribute: 'password', from: 'changed', to: 'changed' }],
        details: { sign_ins_ended: 0 },
      },
    ]);

    const deleted = await write('DELETE', `/api/v2/users/${id}`, admin.token);
    assert.deepEqual(
      deleted.events.map(({ action, record }) => [action, record!.id]),
      [['user.delete', id]],
    );
  });

  test('commands and the first start record the same as operator and system', async (t) => {
    const { store, recorded } = await recording(t, engine);
    const config = readConfig({}, {});
    const shown = async () =>
      (await recorded()).map(({ action, actor, record, origin }) => {
        assert.equal(origin, null);
        assert.equal(actor.userId, null);
        return `${actor.kind} ${action} ${record!.id}`;
      });
    await bootstrap(config, store, Date.now);
    assert.deepEqual(await shown(), [
      'system organization.create 1',
      'system organization_membership.create 1',
      'system user.create 1',
      'system session.create 1',
    ]);

    const { services, writer } = operatorOf(store, config);
    const person = { email: 'a@email.com', first_name: 'Ann', last_name: 'Lee', password };
    const { id } = await createRecord(userRules, services, writer, person);
    assert.deepEqual(await shown(), [`operator user.create ${id}`]);
    await updateRecord(userRules, services, writer, id, { locale: 'de_DE' });
    assert.deepEqual(await shown(), [`operator user.update ${id}`]);
    await setPassword(services, writer, (await store.read.records(users).find(id))!, `${password} staple`);
    assert.deepEqual(await shown(), [`operator user.update_password ${id}`]);
    await deleteRecord(userRules, services, writer, id);
    assert.deepEqual(await shown(), [`operator user.delete ${id}`]);

    const joined = [{ organization_id: 7, organization_name: 'Seventh', role: 'admin' }];
    const rows = ['b@email.com', 'admin@example.com', 'c@email.com'].map((email, i) => ({
      line: i + 1,
      size: 1,
      fields: new Map(
        Object.entries({ email, first_name: 'B', last_name: 'Lee', ...(i === 2 && { memberships: joined }) }),
      ),
    }));
    async function* records() {
      yield* rows;
    }
    await importUsers(records(), {
      ...services,
      store,
      publicUrl: '',
      anyPassword: false,
      withPrivileges: false,
      organizationId: null,
      onRefused: (_record, reasons) => assert.fail(reasons.join()),
      onBatch() {},
    });
    const created = await Promise.all(
      ['b@email.com', 'c@email.com'].map(async (email) => {
        const user = await store.read.records(users).findByIdentity('email', email);
        return `operator user.create ${user!.id}`;
      }),
    );
    const memberships = ['operator organization.create 7', 'operator organization_membership.create 2'];
    assert.deepEqual((await shown()).sort(), [...created, ...memberships].sort());
  });

  test('tokens are recorded without their text when they are made and revoked', async (t) => {
    const { store, recorded } = await recording(t, engine);
    const config = readConfig({}, {});
    await bootstrap(config, store, Date.now);
    const [first] = await store.read.sessions.list(1);
    const [made] = (await recorded()).filter(({ action }) => action === 'session.create');
    assert.deepEqual(made, {
      action: 'session.create',
      outcome: 'success',
      actor: { kind: 'system', userId: null },
      record: { type: 'sessions', id: first!.id },
      subjectId: 1,
      organizationId: null,
      changes: [
        { attribute: 'name', from: null, to: 'first token' },
        { attribute: 'user_id', from: null, to: 1 },
      ],
      details: {},
      origin: null,
    });
    const { writer } = operatorOf(store, config);
    const revoke = () => writer.write((transaction) => endSession(transaction, writer, first!.id));
    assert.equal(await revoke(), true);
    const [revoked, ...more] = await recorded();
    assert.deepEqual(
      [revoked!.action, revoked!.actor.kind, revoked!.record?.id, revoked!.changes[0], more],
      ['session.delete', 'operator', first!.id, { attribute: 'name', from: 'first token', to: null }, []],
    );
    assert.equal(await revoke(), false);
    assert.deepEqual(await recorded(), []);
  });
});
