// Every write of the API records an audit event in its transaction.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { usersRoutes } from '../../../src/resources/users/users-routes.ts';
import { onEachEngine } from '../../support/engines.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { document, startApp } from '../../support/start-app.ts';

const path = '/api/v2/users';
const passwords = ['correct horse battery', 'another one of hers'] as const;

onEachEngine((engine) => {
  async function recordingApp(t: TestContext) {
    const app = await startApp(t, engine);
    const ann = await app.createUser({ email: 'ann@email.com', password: passwords[0], sysadmin: true });
    const bob = await app.createUser({ email: 'bob@email.com' });
    return { app, ann, bob, events: await recordedSince(app.store) };
  }

  test('each route that writes records who did what, and no secret', async (t) => {
    const { app, ann, bob, events } = await recordingApp(t);
    const { token } = ann;
    const ask = (method: string, id: number | null, rest = '', attributes?: Record<string, unknown>) =>
      app.request(method, `${path}${id === null ? '' : `/${id}`}${rest}`, {
        token,
        headers: { 'User-Agent': 'curl/8' },
        ...(attributes && { body: document(attributes, id === null ? undefined : String(id)) }),
      });
    const [current_password, password] = passwords;
    const acts: Readonly<Record<string, [() => ReturnType<typeof ask>, string, readonly string[]]>> = {
      createUser: [
        () =>
          ask('POST', null, '', { email: 'cay@email.com', first_name: 'Cay', last_name: 'Other', password }),
        'user.create',
        ['email', 'first_name', 'last_name'],
      ],
      updateUser: [
        () => ask('PATCH', ann.id, '', { last_name: 'Changed', preferences: { theme: 'a secret theme' } }),
        'user.update',
        ['last_name', 'preferences'],
      ],
      updatePassword: [
        () => ask('PATCH', ann.id, '/update_password', { current_password, password }),
        'user.update_password',
        ['password'],
      ],
      unlockUser: [() => ask('PATCH', bob.id, '/unlock'), 'user.unlock', []],
      deleteUser: [() => ask('DELETE', bob.id), 'user.delete', ['email']],
    };
    const writing = usersRoutes.filter(({ method }) => method !== 'GET').map(({ name }) => name);
    assert.deepEqual(Object.keys(acts).sort(), [...writing].sort(), 'a route that writes has no act here');
    for (const [name, [act, action, attributes]] of Object.entries(acts)) {
      const { status, text } = await act();
      assert.ok(status < 300, `${name}: ${status} ${text}`);
      const [event, ...more] = await events();
      assert.deepEqual(more, [], name);
      assert.deepEqual([event!.action, event!.outcome], [action, 'success']);
      assert.deepEqual(event!.actor, { kind: 'token', userId: ann.id });
      assert.equal(event!.record?.type, 'users');
      assert.equal(event!.origin!.address, '127.0.0.1');
      assert.equal(event!.origin!.userAgent, 'curl/8');
      const changed = event!.changes.map(({ attribute }) => attribute);
      for (const attribute of attributes) assert.ok(changed.includes(attribute), `${name}: ${changed}`);
      const shown = JSON.stringify(event);
      for (const secret of [...passwords, 'secret theme', token]) assert.ok(!shown.includes(secret), name);
    }
  });

  test('what is refused or changes nothing records nothing', async (t) => {
    const { app, ann, bob, events } = await recordingApp(t);
    const patch = (attributes: Record<string, unknown>, token: string, headers = {}) =>
      app.request('PATCH', `${path}/${ann.id}`, {
        token,
        headers,
        body: document(attributes, String(ann.id)),
      });
    assert.equal((await patch({ last_name: 'surname' }, ann.token)).status, 200);
    assert.equal((await patch({ email: 'bob@email.com' }, ann.token)).status, 422);
    assert.equal((await patch({ last_name: 'Other' }, ann.token, { 'If-Match': '"other"' })).status, 412);
    assert.ok((await patch({ last_name: 'Other' }, bob.token)).status >= 403);
    assert.deepEqual(await events(), []);
  });

  test('of changes of one record that come together each is recorded once', async (t) => {
    const { app, ann, events } = await recordingApp(t);
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const body = document({ last_name: `Name ${i}` }, String(ann.id));
        return (await app.request('PATCH', `${path}/${ann.id}`, { token: ann.token, body })).status;
      }),
    );
    assert.deepEqual(
      statuses,
      statuses.map(() => 200),
    );
    const changes = (await events()).flatMap((event) => event.changes);
    const names = (end: 'from' | 'to') =>
      changes.map((change) => ('changed' in change ? '' : String(change[end]))).sort();
    assert.deepEqual(names('to'), Array.from({ length: 20 }, (_, i) => `Name ${i}`).sort());
    // The events form a chain: each starts from the state that the previous one left.
    const last = (await app.store.read.records(users).find(ann.id))!;
    assert.deepEqual([...names('from'), last.last_name].sort(), [...names('to'), 'surname'].sort());
  });
});
