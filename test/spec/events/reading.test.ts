// GET /events: the documents, pages by cursor, and what stays when an account is gone. Who sees which events is in the
// access matrix.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { powers } from '../../../src/model/actor.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { ids, outcome, walk } from '../../support/read-answers.ts';
import { document, startApp } from '../../support/start-app.ts';

const path = '/api/v2/events';

async function start(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine);
  const acme = await app.createOrganization('Acme');
  const guard = await app.createUser({ sysadmin: powers });
  const ann = await app.createUser({ email: 'ann@email.com' });
  const ask = (query: string, { token }: { token: string } = guard, headers = {}) =>
    app.request('GET', path + query, { token, headers });
  const rename = (name: string, { token }: { token: string } = ann) =>
    app.request('PATCH', `/api/v2/users/${ann.id}`, {
      token,
      headers: { 'User-Agent': 'curl/8', 'X-Request-Id': `renaming-${name}` },
      body: document({ last_name: name }, String(ann.id)),
    });
  return { app, acme, guard, ann, ask, rename };
}

onEachEngine((engine) => {
  test('an event says who did what to whom, when, from where, and what changed', async (t) => {
    const { app, guard, ann, ask, rename } = await start(t, engine);
    const before = Date.now();
    await rename('Lee');
    const { body } = await ask(`?filter[subject_id]=${ann.id}`);
    const [{ id, attributes, relationships }] = body.data;
    const { created_at, ...others } = attributes;
    assert.ok(Date.parse(created_at) >= before - 1 && Date.parse(created_at) <= Date.now() + 1);
    assert.deepEqual(Object.entries(others), [
      ['action', 'user.update'],
      ['outcome', 'success'],
      ['actor_kind', 'token'],
      ['ip', '127.0.0.1'],
      ['user_agent', 'curl/8'],
      ['request_id', 'renaming-Lee'],
      ['changes', [{ attribute: 'last_name', from: 'surname', to: 'Lee' }]],
      ['details', { record: { type: 'users', id: String(ann.id) } }],
    ]);
    const linkage = { data: { type: 'users', id: String(ann.id) } };
    assert.deepEqual(relationships, { actor: linkage, subject: linkage, organization: { data: null } });
    assert.equal((await app.request('GET', `${path}/${id}`, { token: ann.token })).status, 200);

    // Done to her by another: from where is nothing for her.
    await rename('Kay', guard);
    const [, done] = (await ask('', ann)).body.data;
    assert.deepEqual(
      [done.attributes.ip, done.attributes.user_agent, done.attributes.request_id],
      [null, null, 'renaming-Kay'],
    );
    assert.equal(outcome(await ask('?filter[ip]=127.0.0.1', ann)), '400 unsupported_filter');
    assert.equal((await ask('?filter[ip]=127.0.0.1')).body.data.length, 2);
  });

  test('times in changes are as in documents, and secrets only changed', async (t) => {
    const { app, guard, ann, ask } = await start(t, engine);
    const end = '2030-01-01T00:00:00.000+00:00';
    const changed = await app.request('PATCH', `/api/v2/users/${ann.id}`, {
      token: guard.token,
      body: document({ account_access_expires_at: end, flags: { beta: true } }, String(ann.id)),
    });
    assert.equal(changed.status, 200, changed.text);
    await app.request('PATCH', `/api/v2/users/${guard.id}`, {
      token: guard.token,
      body: document({ ical_token: 'new', preferences: { theme: 'dark' } }, String(guard.id)),
    });
    const [first, second] = (await ask('')).body.data;
    assert.deepEqual(first.attributes.changes, [
      { attribute: 'flags', from: {}, to: { beta: true } },
      { attribute: 'account_access_expires_at', from: null, to: end },
    ]);
    assert.deepEqual(second.attributes.changes, [
      { attribute: 'ical_token', from: 'changed', to: 'changed' },
      { attribute: 'preferences', from: 'changed', to: 'changed' },
    ]);
  });

  test('pages go by number, with totals, or by cursor, from the oldest or from the newest', async (t) => {
    const { app, ann, guard, ask, rename } = await start(t, engine);
    for (let i = 0; i < 7; i++) await rename(`Name ${i}`);
    const sizes = { page_size: 3, max_page_size: 200 };
    const first = await ask('?page[size]=3');
    assert.deepEqual(Object.keys(first.body.links), ['first', 'last', 'next']);
    assert.deepEqual(first.body.meta, { current_page: 1, total_pages: 3, total_count: 7, ...sizes });
    const byCursor = await ask('?page[after]=&page[size]=3');
    assert.deepEqual(Object.keys(byCursor.body.links), ['first', 'next']);
    assert.deepEqual(byCursor.body.meta, sizes);
    const all = ids(await ask(''));
    assert.equal(all.length, 7);
    for (const [query, expected] of [
      ['?page[size]=3', all],
      ['?page[after]=&page[size]=3', all],
      ['?page[size]=3&sort=-id', all.toReversed()],
      [`?page[size]=3&sort=-id&filter[actor_id]=${ann.id}`, all.toReversed()],
    ] as const)
      assert.deepEqual((await walk(app, path + query, guard.token)).flatMap(ids), expected);
    assert.equal(outcome(await ask('?sort=created_at')), '400 unsupported_sort');
    const { headers } = await ask('');
    const again = await ask('', guard, { 'If-None-Match': headers.get('etag')! });
    assert.equal(again.status, 304);
    await rename('Other');
    assert.equal((await ask('', guard, { 'If-None-Match': headers.get('etag')! })).status, 200);
  });

  test('events stay when their account is gone, with its id', async (t) => {
    const { app, acme, guard, ann, ask, rename } = await start(t, engine);
    await app.store.write((transaction) => setMember(transaction, acme, ann.id, 'member', app.clock.now));
    await rename('Lee');
    const gone = await app.request('DELETE', `/api/v2/users/${ann.id}`, { token: guard.token });
    assert.equal(gone.status, 204);
    const { body } = await ask(`?filter[subject_id]=${ann.id}&include=actor,subject,organization`);
    const actions = body.data.map((event: any) => event.attributes.action);
    assert.deepEqual(actions, ['user.update', 'organization_membership.delete', 'user.delete']);
    assert.deepEqual(
      body.data.map((event: any) => [event.relationships.subject.data, event.relationships.actor.data?.id]),
      [
        [null, undefined],
        [null, String(guard.id)],
        [null, String(guard.id)],
      ],
    );
    const [renamed, , deleted] = (await ask(`?filter[subject_id]=${ann.id}`)).body.data;
    assert.equal(renamed.relationships.actor.data.id, String(ann.id));
    assert.deepEqual(
      deleted.attributes.changes.filter(({ attribute }: any) => attribute === 'email'),
      [{ attribute: 'email', from: 'ann@email.com', to: null }],
    );
    assert.equal(deleted.attributes.details.sessions_ended, 1);
  });

  test('nobody writes events', async (t) => {
    const { app, guard, rename } = await start(t, engine);
    await rename('Lee');
    for (const [method, at] of [
      ['POST', path],
      ['DELETE', path],
      ['PATCH', `${path}/1`],
      ['PUT', `${path}/1`],
      ['DELETE', `${path}/1`],
    ] as const) {
      const answer = await app.request(method, at, { token: guard.token, body: document({ action: 'x' }) });
      assert.equal(outcome(answer), '405 method_not_allowed', `${method} ${at}`);
    }
  });
});
