// Who sees which users: section D1 of the standards checklist. A record that is not visible does not exist for the
// caller.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import { users } from '../../../src/resources/users/users.ts';
import { usersRoutes } from '../../../src/resources/users/users-routes.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { ids } from '../../support/read-answers.ts';
import { type Answer, document, startApp, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';

async function seen(app: TestApp, token: string, query = '', headers: Record<string, string> = {}) {
  const answer = await app.request('GET', `${usersPath}${query}`, { token, headers });
  const found = ids(answer);
  // The total counts only visible records, otherwise it would reveal how many others exist.
  assert.equal(answer.body.meta.total_count, found.length);
  return found;
}

const inOrganization = (id: number | string) => ({ 'X-Organization-Id': String(id) });

/** Everything in which two responses could differ. */
function fingerprint({ status, headers, text }: Answer) {
  const told = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
  return { status, headers: told, text };
}

async function twoOrganizations(app: TestApp) {
  const home = await app.createOrganization('home');
  const abroad = await app.createOrganization('abroad');
  const owner = await app.createUser({ organizationId: home, role: 'owner' });
  const admin = await app.createUser({ organizationId: home, role: 'admin' });
  const member = await app.createUser({ organizationId: home });
  const fellow = await app.createUser({ organizationId: home });
  const stranger = await app.createUser({ organizationId: abroad, email: 'stranger@abroad.com' });
  return { home, abroad, owner, admin, member, fellow, stranger };
}

/**
 * On every route of every resource, the response is the same for an organization that exists and one that does not.
 */
async function assertForbidden(
  app: TestApp,
  caller: { id: number; token: string },
  organizationIds: readonly (number | string)[],
): Promise<void> {
  for (const { method, path } of catalog.filter(({ auth }) => auth === 'token')) {
    const texts = new Set<string>();
    for (const [i, organizationId] of organizationIds.entries()) {
      const answer = await app.request(method, path.replace('{id}', String(caller.id)), {
        token: caller.token,
        headers: inOrganization(organizationId),
        ...(method !== 'GET' && {
          body: document({ email: `new${i}@email.com`, first_name: 'Ann', last_name: 'Other' }),
        }),
      });
      assert.equal(answer.status, 403, `${method} ${path} in ${organizationId}: ${answer.text}`);
      assertError(answer, 403, 'access_denied');
      texts.add(answer.text);
    }
    assert.equal(texts.size, 1);
  }
  assert.equal((await app.store.read.records(users).find(caller.id))!.first_name, 'name');
}

onEachEngine((engine) => {
  test('D1 a plain member sees their own account alone', async (t) => {
    const app = await startApp(t, engine);
    const { member } = await twoOrganizations(app);
    assert.deepEqual(await seen(app, member.token), [member.id]);
  });

  test('D1 someone without an organization sees their own account alone', async (t) => {
    const app = await startApp(t, engine);
    await twoOrganizations(app);
    const loner = await app.createUser();
    assert.deepEqual(await seen(app, loner.token), [loner.id]);
  });

  test('D1 owners and admins see the members of their organization', async (t) => {
    const app = await startApp(t, engine);
    const { owner, admin, member, fellow, stranger } = await twoOrganizations(app);
    for (const { token } of [owner, admin])
      assert.deepEqual(await seen(app, token), [owner.id, admin.id, member.id, fellow.id]);
    assert.deepEqual(await seen(app, stranger.token), [stranger.id]);
  });

  test('D1 a sysadmin sees everybody, whatever their powers', async (t) => {
    const app = await startApp(t, engine);
    const { owner, admin, member, fellow, stranger } = await twoOrganizations(app);
    const sysadmin = await app.createUser({ sysadmin: [] });
    const everybody = [owner, admin, member, fellow, stranger, sysadmin].map(({ id }) => id);
    assert.deepEqual(await seen(app, sysadmin.token), everybody);
  });

  test('D1 members see each other where the settings let them, and may change nobody all the same', async (t) => {
    const app = await startApp(t, engine, { membersSeeEachOther: 'true' });
    const { owner, admin, member, fellow, stranger } = await twoOrganizations(app);
    assert.deepEqual(await seen(app, member.token), [owner.id, admin.id, member.id, fellow.id]);
    const body = document({ first_name: 'Changed' });
    const change = (id: number) => app.request('PATCH', `${usersPath}/${id}`, { token: member.token, body });
    assertError(await change(fellow.id), 403, 'access_denied');
    assertError(await change(stranger.id), 404, 'record_not_found');
    assert.equal((await app.store.read.records(users).find(fellow.id))!.first_name, 'name');
  });

  test('D1 one of several organizations is seen as the role in it allows', async (t) => {
    const app = await startApp(t, engine);
    const { home, abroad, member, stranger, ...others } = await twoOrganizations(app);
    const { id, token } = await app.createUser({ organizationId: home, role: 'admin' });
    await app.store.write((transaction) => setMember(transaction, abroad, id, 'member', app.clock.now));
    const homely = [others.owner.id, others.admin.id, member.id, others.fellow.id, id];
    assert.deepEqual(await seen(app, token), homely);
    assert.deepEqual(await seen(app, token, '', inOrganization(home)), homely);
    assert.deepEqual(await seen(app, token, '', inOrganization(abroad)), [id]);
    await app.store.write((transaction) => setMember(transaction, abroad, id, 'owner', app.clock.now));
    const all = [...homely.slice(0, -1), stranger.id, id];
    assert.deepEqual(await seen(app, token), all);
    assert.deepEqual(await seen(app, token, '', inOrganization(abroad)), [stranger.id, id]);
  });

  test('D1 someone who belongs to two of the organizations is listed once', async (t) => {
    const app = await startApp(t, engine);
    const { abroad, owner, fellow } = await twoOrganizations(app);
    await app.store.write(async (transaction) => {
      await setMember(transaction, abroad, owner.id, 'owner', app.clock.now);
      await setMember(transaction, abroad, fellow.id, 'member', app.clock.now);
    });
    const found = await seen(app, owner.token);
    assert.equal(found.filter((id) => id === fellow.id).length, 1);
    assert.deepEqual(found, [...new Set(found)]);
  });

  test('D1 a role that was taken away shows nothing from the next request on', async (t) => {
    const app = await startApp(t, engine);
    const { home, owner, fellow } = await twoOrganizations(app);
    const path = `${usersPath}/${fellow.id}`;
    assert.equal((await app.request('GET', path, { token: owner.token })).status, 200);
    const { etag } = Object.fromEntries(
      (await app.request('GET', usersPath, { token: owner.token })).headers,
    );
    await app.store.write((transaction) => setMember(transaction, home, owner.id, 'member', app.clock.now));
    assertError(await app.request('GET', path, { token: owner.token }), 404, 'record_not_found');
    const again = await app.request('GET', usersPath, {
      token: owner.token,
      headers: { 'If-None-Match': etag! },
    });
    assert.deepEqual(ids(again), [owner.id]);
  });

  test('D1 X-Organization-Id narrows what a record request sees, too', async (t) => {
    const app = await startApp(t, engine);
    const { home, abroad, owner, fellow, stranger } = await twoOrganizations(app);
    await app.store.write((transaction) => setMember(transaction, abroad, owner.id, 'owner', app.clock.now));
    const show = (id: number, organizationId: number) =>
      app.request('GET', `${usersPath}/${id}`, {
        token: owner.token,
        headers: inOrganization(organizationId),
      });
    assert.equal((await show(fellow.id, home)).status, 200);
    assert.equal((await show(stranger.id, abroad)).status, 200);
    assertError(await show(fellow.id, abroad), 404, 'record_not_found');
    assertError(await show(stranger.id, home), 404, 'record_not_found');
  });

  test('D1 X-Organization-Id narrows what a sysadmin sees to the members of that organization', async (t) => {
    const app = await startApp(t, engine);
    const { home, abroad, stranger, member } = await twoOrganizations(app);
    const { token } = await app.createUser({ sysadmin: true });
    assert.deepEqual(await seen(app, token, '', inOrganization(abroad)), [stranger.id]);
    const show = (organizationId: number) =>
      app.request('GET', `${usersPath}/${member.id}`, { token, headers: inOrganization(organizationId) });
    assert.equal((await show(home)).status, 200);
    assertError(await show(abroad), 404, 'record_not_found');
  });

  const noOrganizations = [999_999, 0, -1, 'abc', '1.0', '1 or 1=1', '9'.repeat(30)];

  for (const who of ['member', 'owner'] as const) {
    test(`D1 X-Organization-Id of another organization, or of none, is 403 on every route for one who is ${who}`, async (t) => {
      const app = await startApp(t, engine);
      const { abroad, [who]: caller } = await twoOrganizations(app);
      await assertForbidden(app, caller, [abroad, ...noOrganizations]);
    });
  }

  test('D1 X-Organization-Id of no organization is 403 on every route for a sysadmin, too', async (t) => {
    const app = await startApp(t, engine);
    await app.createUser({ sysadmin: true });
    await assertForbidden(app, await app.createUser({ sysadmin: true }), noOrganizations);
  });

  test('D1 what is not seen is answered, to the byte, like what does not exist', async (t) => {
    const app = await startApp(t, engine);
    const { member, owner, fellow, stranger } = await twoOrganizations(app);
    const unseen = { [member.token]: [fellow.id, stranger.id], [owner.token]: [stranger.id] };
    for (const { method, path } of usersRoutes.filter((route) => route.path.includes('{id}'))) {
      for (const [token, strangers] of Object.entries(unseen)) {
        const ask = (id: number | string) =>
          app.request(method, path.replace('{id}', String(id)), {
            token,
            ...(method === 'PATCH' && { body: document({ first_name: 'Changed' }) }),
          });
        const nothing = await ask(999_999);
        assertError(nothing, 404, 'record_not_found');
        for (const id of [...strangers, 'abc', '1.0', '0', '-1', '01', '9223372036854775808'])
          assert.deepEqual(fingerprint(await ask(id)), fingerprint(nothing), `${method} ${path} ${id}`);
      }
    }
  });

  test('D1 no filter, search, sort or page shows what is not seen', async (t) => {
    const app = await startApp(t, engine);
    const { member, stranger, fellow } = await twoOrganizations(app);
    const { token, id } = member;
    for (const query of [
      `filter[id]=${stranger.id}`,
      `filter[id]=${fellow.id}`,
      'filter[email]=stranger@abroad.com',
      'filter[email][contains]=stranger',
      'filter[query]=stranger',
      `filter[$op]=or&filter[0][id]=${stranger.id}&filter[1][email][contains]=abroad`,
    ])
      assert.deepEqual(await seen(app, token, `?${query}`), [], query);
    for (const query of [
      `filter[id]=${stranger.id},${id}`,
      'filter[id][gt]=0',
      `filter[$op]=or&filter[0][id]=${stranger.id}&filter[1][id][not_eq]=${stranger.id}`,
      'sort=-email',
      'page[size]=200',
    ])
      assert.deepEqual(await seen(app, token, `?${query}`), [id], query);
    const second = await app.request('GET', `${usersPath}?page[number]=2`, { token });
    assert.deepEqual(ids(second), []);
    assert.equal(second.body.meta.total_count, 1);
    const byCursor = await app.request('GET', `${usersPath}?page[after]=&sort=email`, { token });
    assert.deepEqual(ids(byCursor), [id]);
    assertError(
      await app.request('GET', `${usersPath}?include=organizations`, { token }),
      400,
      'unsupported_parameter',
    );
  });

  test('D1 the cursor of one caller shows another nothing more', async (t) => {
    const app = await startApp(t, engine);
    const { owner, member } = await twoOrganizations(app);
    const first = await app.request('GET', `${usersPath}?page[after]=&page[size]=1`, { token: owner.token });
    const next = first.body.links.next.replace(app.url, '');
    assert.deepEqual(ids(await app.request('GET', next, { token: member.token })), [member.id]);
  });
});
