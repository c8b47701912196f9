// Changes of users that are refused or come together, in the audit trail. See also ../events/every-write.test.ts.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { onEachEngine } from '../../support/engines.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { document, startApp } from '../../support/start-app.ts';

const path = '/api/v2/users';

onEachEngine((engine) => {
  async function recordingApp(t: TestContext) {
    const app = await startApp(t, engine);
    const ann = await app.createUser({ email: 'ann@email.com', sysadmin: true });
    const bob = await app.createUser({ email: 'bob@email.com' });
    return { app, ann, bob, events: await recordedSince(app.store) };
  }

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
