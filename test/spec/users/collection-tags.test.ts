// ETag and If-None-Match on lists: 304 if and only if the client has the current page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPeople } from '../../support/create-people.ts';
import { emptyStore, onEachEngine } from '../../support/engines.ts';
import { removeMember, setMember } from '../../support/members.ts';
import { document, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

async function tagOf(app: TestApp, path: string, token: string): Promise<string> {
  const answer = await app.request('GET', path, { token });
  assert.equal(answer.status, 200, answer.text);
  const tag = answer.headers.get('etag');
  // RFC 9110 section 8.8.3: a strong tag.
  assert.match(tag ?? '', /^"[\x21\x23-\x7e]+"$/);
  return tag!;
}

onEachEngine((engine) => {
  test('answers 304 without a body to a client that has the page as it is', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(5).fill({}));
    const paths = [
      '/api/v2/users',
      '/api/v2/users?page[number]=2&page[size]=2',
      '/api/v2/users?page[after]=&page[size]=2',
      '/api/v2/users?filter[id][gt]=1&sort=-email&fields[users]=email',
    ];
    for (const path of paths) {
      const tag = await tagOf(app, path, token);
      for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const answer = await app.request('GET', path, { token, headers: { 'If-None-Match': header } });
        assert.deepEqual([answer.status, answer.text], [304, ''], `${path} ${header}`);
        assert.equal(answer.headers.get('etag'), tag);
        assert.equal(answer.headers.get('vary'), 'Accept');
        assert.equal(answer.headers.get('cache-control'), 'private, no-cache');
        assert.equal(answer.headers.get('content-type'), null);
      }
      const other = await app.request('GET', path, { token, headers: { 'If-None-Match': '"other"' } });
      assert.equal(other.status, 200);
    }
  });

  test('answers the page again after anything in the collection changed', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const organizationId = await app.createOrganization();
    const [person] = await createPeople(app, [{}]);
    const path = '/api/v2/users?page[size]=1';
    const newUser = document({ email: 'new@email.com', first_name: 'New', last_name: 'User' });
    const changes: Readonly<Record<string, () => Promise<unknown>>> = {
      'a PATCH of oneself': () =>
        app.request('PATCH', `/api/v2/users/${id}`, { token, body: document({ first_name: 'Ann' }) }),
      'a PATCH of what the page does not show': () =>
        app.request('PATCH', `/api/v2/users/${person}`, { token, body: document({ first_name: 'Bob' }) }),
      'a POST': () => app.request('POST', '/api/v2/users', { token, body: newUser }),
      'a DELETE': () => app.request('DELETE', `/api/v2/users/${person}`, { token }),
      'a new member': () =>
        app.store.write((transaction) => setMember(transaction, organizationId, id, 'owner', app.clock.now)),
      'another role': () =>
        app.store.write((transaction) => setMember(transaction, organizationId, id, 'member', app.clock.now)),
      'a member less': () => app.store.write((transaction) => removeMember(transaction, organizationId, id)),
    };
    const seen = new Set<string>();
    for (const [name, change] of Object.entries(changes)) {
      const tag = await tagOf(app, path, token);
      seen.add(tag);
      await change();
      const answer = await app.request('GET', path, { token, headers: { 'If-None-Match': tag } });
      assert.equal(answer.status, 200, `after ${name}`);
      assert.equal(seen.has(answer.headers.get('etag')!), false, `after ${name}`);
    }
  });

  test('answers 304 still after requests that changed nothing', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const tag = await tagOf(app, '/api/v2/users', token);
    const path = `/api/v2/users/${id}`;
    await app.request('GET', path, { token });
    await app.request('PATCH', path, { token, body: document({ first_name: 'name' }) });
    await app.request('PATCH', path, { token, body: document({ first_name: '' }) });
    await app.request('POST', '/api/v2/users', { token, body: document({}) });
    await app.request('DELETE', '/api/v2/users/999', { token });
    const answer = await app.request('GET', '/api/v2/users', { token, headers: { 'If-None-Match': tag } });
    assert.equal(answer.status, 304);
  });

  test('has one tag for each page, filter, sort, set of fields and caller', async (t) => {
    const app = await startApp(t, engine);
    const organizationId = await app.createOrganization();
    const root = await app.createUser({ sysadmin: true, organizationId });
    const reader = await app.createUser({ sysadmin: ['manage_organizations'] });
    const twin = await app.createUser({ sysadmin: ['manage_organizations'] });
    const owner = await app.createUser({ organizationId, role: 'owner' });
    const member = await app.createUser({ organizationId });
    const asked: [path: string, token: string][] = [
      ...['', 'page[number]=2', 'page[size]=2', 'page[size]=3', 'page[after]=', 'page[after]=&page[size]=2']
        .concat(['filter[id]=1', 'filter[id]=1,2', 'filter[id][not_eq]=1', 'filter[query]=name'])
        .concat(['sort=-id', 'sort=email', 'sort=-email', 'fields[users]=', 'fields[users]=email'])
        .map((query): [string, string] => [`/api/v2/users?${query}`, root.token]),
      ...[reader, twin, owner, member].map(({ token }): [string, string] => ['/api/v2/users', token]),
    ];
    const tags = new Map<string, string>();
    for (const [path, token] of asked) {
      const tag = await tagOf(app, path, token);
      assert.equal(tags.get(tag), undefined, `${path} has the tag of ${tags.get(tag)}`);
      tags.set(tag, path);
    }
    const narrowed = await app.request('GET', '/api/v2/users', {
      token: root.token,
      headers: { 'X-Organization-Id': String(organizationId) },
    });
    assert.equal(tags.has(narrowed.headers.get('etag')!), false);
  });

  test('gives the same tag for the same page again, whichever way the caller signed in', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const tag = await tagOf(app, '/api/v2/users', token);
    const other = await app.createToken(id);
    assert.equal(await tagOf(app, '/api/v2/users', other), tag);
    const byQuery = await app.request('GET', `/api/v2/users?token=${other}`);
    assert.equal(byQuery.headers.get('etag'), tag);
    assert.equal(tag.includes(token), false);
  });

  test('refuses the caller before it compares tags', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const headers = { 'If-None-Match': await tagOf(app, '/api/v2/users', token) };
    assert.equal((await app.request('GET', '/api/v2/users', { headers })).status, 401);
    const refused = await app.request('GET', '/api/v2/users?foo=1', {
      token,
      headers: { 'If-None-Match': '*' },
    });
    assert.equal(refused.status, 400);
  });

  test('changes its tags where the same records are written differently', async (t) => {
    const store = await emptyStore(t, engine);
    // Their links begin with the same URL, as for instances behind one address.
    const publicUrl = 'https://users.example.com';
    const utc = await serveStore(t, store, { publicUrl });
    const zagreb = await serveStore(t, store, { publicUrl, timeZone: 'Europe/Zagreb' });
    const { token } = await utc.createUser();
    assert.notEqual(await tagOf(utc, '/api/v2/users', token), await tagOf(zagreb, '/api/v2/users', token));
    assert.equal(
      await tagOf(await serveStore(t, store, { publicUrl }), '/api/v2/users', token),
      await tagOf(utc, '/api/v2/users', token),
    );
  });
});
