// A membership that ends gives no rights from that millisecond on, in no instance, whatever it has in memory. Only those
// who manage the members still see it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { type Answer, document } from '../../support/start-app.ts';
import { type Asked, ask, idsOf, remember, seeEachOther, startEnding as start } from './start-ending.ts';

const usersPath = '/api/v2/users';
const organizationsPath = '/api/v2/organizations';

onEachEngine((engine) => {
  test('from the millisecond of its end, a membership shows nothing of the organization, and everything once it is extended', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await start(t, engine);
    const bob = await app.createUser({ organizationId, values: { first_name: 'Bob' } });
    const ann = await app.createUser();
    await setEnd(ann.id, 'admin', end);
    const within = { 'X-Organization-Id': String(organizationId) };
    const lists: readonly Asked[] = [
      { path: usersPath },
      { path: `${usersPath}?page[number]=2&page[size]=1` },
      { path: `${usersPath}?page[after]=` },
      { path: `${usersPath}?filter[query]=bob` },
      { path: `${usersPath}?filter[first_name]=Bob&sort=-last_name&fields[users]=email` },
      { path: organizationsPath },
      { path: `${organizationsPath}?filter[query]=acme` },
    ];
    const records: readonly Asked[] = [
      { path: `${usersPath}/${bob.id}` },
      { path: `${organizationsPath}/${organizationId}` },
    ];
    const narrowed: readonly Asked[] = [usersPath, organizationsPath, `${usersPath}/${ann.id}`].map(
      (path) => ({
        path,
        headers: within,
      }),
    );
    const all = [...lists, ...records, ...narrowed];
    for (const extended of [false, true]) {
      clock.now = end - 1 + Number(extended);
      const tags = await remember(apps, ann.token, all);
      const tagOf = (asked: Asked) => tags[all.indexOf(asked)];
      for (const asked of all)
        for (const app of apps) assert.equal((await ask(app, ann.token, asked, tagOf(asked)!)).status, 304);
      clock.now += 1;
      const seen = [[ann.id], [], [ann.id], [], [], [], []];
      for (const app of apps) {
        for (const [i, asked] of lists.entries()) {
          const answer = await ask(app, ann.token, asked, tagOf(asked)!);
          assert.equal(answer.status, 200, asked.path);
          assert.deepEqual(idsOf(answer), seen[i], asked.path);
          if (answer.body.meta.total_count !== undefined)
            assert.equal(answer.body.meta.total_count, asked.path.includes('number') ? 1 : seen[i]!.length);
        }
        for (const asked of records) {
          assertError(await ask(app, ann.token, asked, tagOf(asked)), 404, 'record_not_found');
          const body = document({ first_name: 'Changed' });
          assertError(
            await app.request('PATCH', asked.path, { token: ann.token, body }),
            404,
            'record_not_found',
          );
        }
        for (const asked of narrowed)
          assertError(await ask(app, ann.token, asked, tagOf(asked)), 403, 'access_denied');
      }
      if (!extended) await setEnd(ann.id, 'admin', end + 1);
    }
  });

  test('an ended membership and one that never was get the same answer', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await start(t, engine);
    const ann = await app.createUser();
    const stranger = await app.createUser();
    await setEnd(ann.id, 'owner', end);
    clock.now = end;
    for (const app of apps)
      for (const asked of [
        { path: usersPath, headers: { 'X-Organization-Id': String(organizationId) } },
        { path: `${organizationsPath}/${organizationId}` },
        { path: organizationsPath },
      ]) {
        const texts = [];
        for (const { token } of [ann, stranger]) texts.push((await ask(app, token, asked)).text);
        assert.equal(texts[0], texts[1]);
      }
  });

  test('owners, admins and sysadmins see the members whose membership has ended, from cached answers too', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await start(t, engine, seeEachOther);
    const ann = await app.createUser();
    await setEnd(ann.id, 'member', end);
    const callers = [
      await app.createUser({ organizationId, role: 'owner' }),
      await app.createUser({ organizationId, role: 'admin' }),
      await app.createUser({ sysadmin: [] }),
    ];
    const asked: readonly Asked[] = [
      { path: usersPath, headers: { 'X-Organization-Id': String(organizationId) } },
      { path: usersPath },
      { path: `${usersPath}/${ann.id}` },
    ];
    for (const { token } of callers) {
      clock.now = end - 1;
      const tags = await remember(apps, token, asked);
      clock.now = end;
      for (const app of apps)
        for (const [i, one] of asked.entries()) {
          assert.equal((await ask(app, token, one, tags[i]!)).status, 304, one.path);
          const answer = await ask(app, token, one);
          if (i < 2) assert.ok(idsOf(answer).includes(ann.id));
        }
    }
  });

  test('members who see each other see nobody whose membership has ended; the tag of their list changes when an end passes', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await start(t, engine, seeEachOther);
    const bob = await app.createUser({ organizationId });
    const [ann, eve] = [await app.createUser(), await app.createUser()];
    const ends = new Map([
      [ann.id, end],
      [eve.id, end + 1000],
    ]);
    for (const [id, at] of ends) await setEnd(id, 'member', at);
    const elsewhere = await app.createOrganization();
    // An end in another organization, and one that was extended.
    const other = await app.createUser();
    await setEnd(other.id, 'member', end - 500, elsewhere);
    await setEnd(bob.id, 'member', end - 700);
    await setEnd(bob.id, 'member', null);
    const within = { 'X-Organization-Id': String(organizationId) };
    const lists: readonly Asked[] = [
      { path: usersPath },
      { path: usersPath, headers: within },
      { path: `${usersPath}?page[after]=` },
      { path: `${usersPath}?filter[last_name]=surname` },
      { path: `${usersPath}?filter[query]=surname` },
    ];
    for (const app of apps)
      for (const [id] of ends) await ask(app, bob.token, { path: `${usersPath}/${id}` });
    const tags: string[] = [];
    for (const time of [end - 700, end - 1, end, end + 1, end + 999, end + 1000, end + 1001]) {
      clock.now = time;
      const expected = [bob.id, ...[...ends].flatMap(([id, at]) => (time < at ? [id] : []))];
      for (const asked of lists) {
        for (const app of apps) {
          const answer = await ask(app, bob.token, asked);
          assert.deepEqual(idsOf(answer), expected, `${asked.path} at ${time - end}`);
          const { total_count: total } = answer.body.meta;
          if (total !== undefined) assert.equal(total, expected.length);
        }
      }
      for (const [id, at] of ends)
        for (const app of apps) {
          const shown = await ask(app, bob.token, { path: `${usersPath}/${id}` });
          assert.equal(shown.status, time < at ? 200 : 404);
        }
      tags.push((await ask(apps[1], bob.token, { path: usersPath })).headers.get('etag')!);
    }
    const [, before, at, after, beforeNext, next, afterNext] = tags;
    assert.deepEqual([at, beforeNext, afterNext], [after, after, next]);
    assert.equal(new Set([before, at, next]).size, 3);
    await setEnd(ann.id, 'member', end + 5000);
    for (const app of apps)
      for (const asked of lists) assert.deepEqual(idsOf(await ask(app, bob.token, asked)), [bob.id, ann.id]);
  });

  test('who administers one organization and is a member of another sees the ended members of the first alone', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await start(t, engine, seeEachOther);
    const elsewhere = await app.createOrganization();
    const caller = await app.createUser({ organizationId, role: 'admin' });
    await setEnd(caller.id, 'member', null, elsewhere);
    const [here, there, both] = [await app.createUser(), await app.createUser(), await app.createUser()];
    for (const { id } of [here, both]) await setEnd(id, 'member', end);
    for (const { id } of [there, both]) await setEnd(id, 'member', end, elsewhere);
    for (const [time, seen] of [
      [end - 1, [caller.id, here.id, there.id, both.id]],
      [end, [caller.id, here.id, both.id]],
    ] as const) {
      clock.now = time;
      for (const app of apps) {
        const answer = await ask(app, caller.token, { path: usersPath });
        assert.deepEqual(idsOf(answer), seen);
        assert.equal(answer.body.meta.total_count, seen.length);
      }
    }
  });

  test('a default organization whose membership has ended is still shown, opens nothing, and cannot be chosen', async (t) => {
    const { app, apps, clock, organizationId, setEnd, end } = await start(t, engine);
    const elsewhere = await app.createOrganization();
    const ann = await app.createUser({ organizationId });
    await setEnd(ann.id, 'member', end);
    await setEnd(ann.id, 'member', null, elsewhere);
    const path = `${usersPath}/${ann.id}`;
    const choose = (id: number) =>
      app.request('PATCH', path, {
        token: ann.token,
        body: document({ default_organization_id: id }),
      });
    const chosen = ({ body }: Answer) => body.data.attributes.default_organization_id;
    clock.now = end;
    for (const app of apps) {
      assert.equal(chosen(await ask(app, ann.token, { path })), organizationId);
      assertError(
        await ask(app, ann.token, { path, headers: { 'X-Organization-Id': String(organizationId) } }),
        403,
        'access_denied',
      );
    }
    assert.equal(chosen(await choose(elsewhere)), elsewhere);
    assert.equal(chosen(await choose(organizationId)), elsewhere);
    await setEnd(ann.id, 'member', end + 1);
    assert.equal(chosen(await choose(organizationId)), organizationId);
  });

  test('an account whose access has ended is refused, and its memberships go on for the others', async (t) => {
    const { app, apps, clock, organizationId, end } = await start(t, engine, seeEachOther);
    const ann = await app.createUser({
      organizationId,
      role: 'owner',
      values: { account_access_expires_at: end },
    });
    const bob = await app.createUser({ organizationId });
    for (const time of [end - 1, end]) {
      clock.now = time;
      for (const app of apps) {
        const status = time < end ? 200 : 401;
        assert.equal((await ask(app, ann.token, { path: usersPath })).status, status);
        assert.deepEqual(idsOf(await ask(app, bob.token, { path: usersPath })), [ann.id, bob.id]);
      }
    }
    assert.equal(await app.store.read.memberships.role(organizationId, ann.id, end), 'owner');
  });
});
