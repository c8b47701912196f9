// B5: ETags of single records.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const stale = '"a version that never was"';

onEachEngine((engine) => {
  test('B5 gives every version a strong ETag of its own, two within one millisecond too', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const rename = (first_name: string) =>
      app.request('PATCH', path, { token, body: document({ first_name }) });
    // The clock is frozen, and the last change restores what the first one removed.
    const answers = [
      await app.request('GET', path, { token }),
      await rename('Ann'),
      await rename('Bea'),
      await rename('name'),
    ];
    const etags = answers.map(({ headers }) => headers.get('etag')!);
    assert.equal(new Set(etags).size, 4);
    for (const etag of etags) assert.match(etag, /^"[\x21\x23-\x7e]+"$/);
    const after = await app.request('GET', path, { token });
    assert.equal(after.headers.get('etag'), etags[3]);
    assert.equal(after.text, answers[3]!.text);
  });

  test('B5 leaves the ETag of a user whom a PATCH does not change', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const before = await app.request('GET', path, { token });
    const patched = await app.request('PATCH', path, { token, body: document({ first_name: 'name' }) });
    assert.equal(patched.status, 200);
    assert.equal(patched.headers.get('etag'), before.headers.get('etag'));
    assert.equal(patched.text, before.text);
  });

  test('B5 answers 304 with ETag, Vary and Cache-Control to a client that has this version', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    for (const path of [
      `/api/v2/users/${id}`,
      `/api/v2/users/${id}?fields[users]=email`,
      '/api/v2/users',
      '/api/v2/users?page[after]=&page[size]=5',
    ]) {
      const full = await app.request('GET', path, { token });
      const etag = full.headers.get('etag')!;
      for (const condition of [etag, `W/${etag}`, `${stale}, ${etag}`, '*']) {
        const answer = await app.request('GET', path, { token, headers: { 'If-None-Match': condition } });
        assert.equal(answer.status, 304, `${path} ${condition}`);
        assert.equal(answer.text, '');
        for (const name of ['etag', 'vary', 'cache-control']) {
          assert.notEqual(answer.headers.get(name), null);
          assert.equal(answer.headers.get(name), full.headers.get(name));
        }
      }
      const other = await app.request('GET', path, { token, headers: { 'If-None-Match': stale } });
      assert.equal(other.status, 200);
      assert.equal(other.text, full.text);
    }
  });

  test('B5 gives other fields and other viewers another ETag', async (t) => {
    const app = await startApp(t, engine);
    const { member, admin } = await organizationOf(app);
    const manager = await app.createUser({ sysadmin: ['manage_users'] });
    const path = `/api/v2/users/${member.id}`;
    const seen = new Map<string, string>();
    for (const { token } of [member, admin, manager]) {
      for (const query of [
        '',
        '?fields[users]=',
        '?fields[users]=email',
        '?fields[users]=email,intercom_hash',
      ]) {
        const { status, text, headers } = await app.request('GET', path + query, { token });
        assert.equal(status, 200);
        const etag = headers.get('etag')!;
        assert.equal(seen.get(etag) ?? text, text, `one ETag, two documents: ${query}`);
        seen.set(etag, text);
      }
    }
    // What differs: all fields for the three of them (ical_token apart, the manager reads what the member does), and
    // intercom_hash, which the admin does not read.
    assert.ok(new Set(seen.values()).size >= 5);
  });

  test('B5 gives a list another ETag for another page, sort, filter, set of fields or viewer', async (t) => {
    const app = await startApp(t, engine);
    const { admin, member } = await organizationOf(app);
    const sysadmin = await app.createUser({ sysadmin: true });
    const etags: (string | null)[] = [];
    for (const { token } of [admin, member, sysadmin]) {
      for (const query of [
        '',
        '?page[size]=1',
        '?page[size]=1&page[number]=2',
        '?page[after]=',
        '?sort=-id',
        '?filter[first_name]=name',
        '?fields[users]=email',
      ]) {
        const answer = await app.request('GET', `/api/v2/users${query}`, { token });
        assert.equal(answer.status, 200);
        etags.push(answer.headers.get('etag'));
      }
    }
    assert.ok(!etags.includes(null));
    assert.equal(new Set(etags).size, 21);
  });

  test('B5 gives a list another ETag when a user in it changes, comes, goes or joins', async (t) => {
    const app = await startApp(t, engine);
    const { organizationId, admin, member } = await organizationOf(app);
    const sysadmin = await app.createUser({ sysadmin: true });
    const etags = new Set<string>();
    const look = async () => {
      const answer = await app.request('GET', '/api/v2/users', { token: admin.token });
      etags.add(answer.headers.get('etag')!);
      return answer.body.meta.total_count;
    };
    assert.equal(await look(), 2);
    const renamed = await app.request('PATCH', `/api/v2/users/${member.id}`, {
      token: member.token,
      body: document({ first_name: 'Ann' }),
    });
    assert.equal(renamed.status, 200);
    assert.equal(await look(), 2);
    await app.createUser({ organizationId });
    assert.equal(await look(), 3);
    await app.store.write((transaction) =>
      setMember(transaction, organizationId, sysadmin.id, 'member', app.clock.now),
    );
    assert.equal(await look(), 4);
    await app.request('DELETE', `/api/v2/users/${member.id}`, { token: sysadmin.token });
    assert.equal(await look(), 3);
    assert.equal(etags.size, 5);
  });
});

/** A member, and an admin who sees them but fewer of their attributes. */
async function organizationOf(app: TestApp) {
  const organizationId = await app.createOrganization();
  return {
    organizationId,
    member: await app.createUser({ organizationId }),
    admin: await app.createUser({ organizationId, role: 'admin' }),
  };
}
