// What ends with a membership in the lists of memberships and people, and in what they include.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberships } from '../../../src/resources/memberships/memberships.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import type { Answer, TestApp } from '../../support/start-app.ts';
import { type Asked, ask, idsOf, remember, seeEachOther, startEnding } from './start-ending.ts';

const membershipsPath = '/api/v2/organization_memberships';
const peoplePath = '/api/v2/people';

/** The ids of the membership and the person. */
async function idsIn({ store }: TestApp, organizationId: number, userId: number) {
  const membership = (await store.read.memberships.idOf(organizationId, userId))!;
  const row = (await store.read.records(memberships).find(membership))!;
  return { membership, person: row.person_id! };
}

const includedIn = ({ body }: Answer): string[] =>
  (body.included ?? []).map(({ type, id }: { type: string; id: string }) => `${type} ${id}`);

onEachEngine((engine) => {
  test('the holder sees neither the membership nor the person, nor anything that they include, until it is extended', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await startEnding(t, engine);
    const elsewhere = await app.createOrganization('Elsewhere');
    const { id, token } = await app.createUser({ organizationId });
    await setEnd(id, 'admin', end);
    await setEnd(id, 'member', null, elsewhere);
    const here = await idsIn(app, organizationId, id);
    const there = await idsIn(app, elsewhere, id);
    const withAll = 'include=person,organization,user';
    const lists: readonly [Asked, ended: number, lasting: number][] = [
      [{ path: membershipsPath }, here.membership, there.membership],
      [{ path: `${membershipsPath}?${withAll}` }, here.membership, there.membership],
      [{ path: `${membershipsPath}?page[after]=&include=organization` }, here.membership, there.membership],
      [{ path: `${membershipsPath}?filter[user_id]=${id}&sort=-id` }, here.membership, there.membership],
      [{ path: `/api/v2/users/${id}/organization_memberships` }, here.membership, there.membership],
      [{ path: peoplePath }, here.person, there.person],
      [{ path: `${peoplePath}?include=organization,user` }, here.person, there.person],
      [{ path: `${peoplePath}?filter[query]=surname&fields[people]=email,role` }, here.person, there.person],
    ];
    const shown: readonly Asked[] = [
      { path: `${membershipsPath}/${here.membership}` },
      { path: `${membershipsPath}/${here.membership}?include=organization` },
      { path: `${peoplePath}/${here.person}` },
      { path: `/api/v2/organizations/${organizationId}/organization_memberships` },
    ];
    const within = { 'X-Organization-Id': String(organizationId) };
    const narrowed: readonly Asked[] = [membershipsPath, peoplePath].map((path) => ({
      path,
      headers: within,
    }));
    const all = [...lists.map(([asked]) => asked), ...shown, ...narrowed];
    for (const extended of [false, true]) {
      clock.now = end - 1 + Number(extended);
      const tags = await remember(apps, token, all);
      const tagOf = (asked: Asked) => tags[all.indexOf(asked)]!;
      for (const asked of all)
        for (const app of apps) assert.equal((await ask(app, token, asked, tagOf(asked))).status, 304);
      for (const [asked, ended, lasting] of lists) {
        const before = await ask(app, token, asked);
        assert.deepEqual(new Set(idsOf(before)), new Set([ended, lasting]), asked.path);
      }
      clock.now += 1;
      for (const app of apps) {
        for (const [asked, , lasting] of lists) {
          const answer = await ask(app, token, asked, tagOf(asked));
          assert.equal(answer.status, 200, asked.path);
          assert.deepEqual(idsOf(answer), [lasting], asked.path);
          assert.equal(answer.body.meta.total_count ?? 1, 1);
          for (const hidden of [`organizations ${organizationId}`, `people ${here.person}`])
            assert.ok(!includedIn(answer).includes(hidden), `${asked.path} includes ${hidden}`);
        }
        for (const asked of shown)
          assertError(await ask(app, token, asked, tagOf(asked)), 404, 'record_not_found');
        for (const asked of narrowed)
          assertError(await ask(app, token, asked, tagOf(asked)), 403, 'access_denied');
        for (const method of ['PATCH', 'DELETE'])
          assertError(
            await app.request(method, shown[0]!.path, {
              token,
              ...(method === 'PATCH' && {
                body: { data: { type: 'organization_memberships', attributes: { expires_at: null } } },
              }),
            }),
            404,
            'record_not_found',
          );
      }
      if (!extended) await setEnd(id, 'admin', end + 1);
    }
  });

  test('owners and sysadmins see the ended membership and its person, and extend it', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await startEnding(t, engine);
    const ann = await app.createUser();
    await setEnd(ann.id, 'member', end);
    const { membership, person } = await idsIn(app, organizationId, ann.id);
    const callers = [
      await app.createUser({ organizationId, role: 'owner' }),
      await app.createUser({ sysadmin: ['manage_organizations'] }),
    ];
    const path = `${membershipsPath}/${membership}`;
    const asked: readonly Asked[] = [
      { path: `/api/v2/organizations/${organizationId}/organization_memberships?include=person,user` },
      { path: `/api/v2/users/${ann.id}/organization_memberships?include=organization` },
      { path: `${peoplePath}?include=user` },
      { path: `${path}?include=person,user` },
      { path: `${peoplePath}/${person}` },
    ];
    for (const { token } of callers) {
      clock.now = end - 1;
      const tags = await remember(apps, token, asked);
      clock.now = end;
      for (const app of apps)
        for (const [i, one] of asked.entries())
          assert.equal((await ask(app, token, one, tags[i]!)).status, 304, one.path);
      const [listed, , , shown] = await Promise.all(asked.map((one) => ask(apps[1], token, one)));
      assert.ok(idsOf(listed!).includes(membership));
      assert.deepEqual(includedIn(shown!).sort(), [`people ${person}`, `users ${ann.id}`]);

      assert.deepEqual(idsOf(await ask(app, ann.token, { path: membershipsPath })), []);
      const expiresAt = new Date(end + 1).toISOString();
      const body = {
        data: { type: 'organization_memberships', attributes: { expires_at: expiresAt } },
      };
      assert.equal((await app.request('PATCH', path, { token, body })).status, 200);
      for (const app of apps)
        assert.deepEqual(idsOf(await ask(app, ann.token, { path: membershipsPath })), [membership]);
      await setEnd(ann.id, 'member', end);
    }
  });

  test('members who see each other see no person whose membership has ended, nor its account', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await startEnding(t, engine, seeEachOther);
    const bob = await app.createUser({ organizationId });
    const [ann, eve] = [await app.createUser(), await app.createUser()];
    const ends = [
      [ann, end],
      [eve, end + 1000],
    ] as const;
    for (const [{ id }, at] of ends) await setEnd(id, 'member', at);
    const own = await idsIn(app, organizationId, bob.id);
    const persons = await Promise.all(
      ends.map(async ([{ id }, at]) => ({ ...(await idsIn(app, organizationId, id)), id, at })),
    );
    const lists = [
      peoplePath,
      `${peoplePath}?include=user`,
      `${peoplePath}?filter[query]=surname`,
      `${peoplePath}?page[after]=`,
    ];
    const tags = new Map<string, string>();
    for (const time of [end - 1, end, end + 999, end + 1000]) {
      clock.now = time;
      const current = persons.filter(({ at }) => time < at);
      const expected = [own.person, ...current.map(({ person }) => person)];
      for (const app of apps)
        for (const path of lists) {
          const known = tags.get(path);
          const answer = await ask(app, bob.token, { path }, known);
          // An end has passed since, or not.
          assert.equal(answer.status, known === undefined || time === end || time > end + 999 ? 200 : 304);
          if (answer.status === 304) continue;
          assert.deepEqual(idsOf(answer), expected, `${path} at ${time - end}`);
          assert.equal(answer.body.meta.total_count ?? expected.length, expected.length);
          if (path.includes('include'))
            assert.deepEqual(
              includedIn(answer),
              [bob.id, ...current.map(({ id }) => id)].map((id) => `users ${id}`),
            );
        }
      for (const path of lists) tags.set(path, (await ask(app, bob.token, { path })).headers.get('etag')!);
      for (const { person, at } of persons)
        for (const app of apps)
          assert.equal(
            (await ask(app, bob.token, { path: `${peoplePath}/${person}` })).status,
            time < at ? 200 : 404,
          );
    }
  });
});
