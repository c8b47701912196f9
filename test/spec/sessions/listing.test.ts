// Who sees which sessions, and what they look like.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { memberships } from '../../../src/resources/memberships/memberships.ts';
import { sessions as sessionsResource } from '../../../src/resources/sessions/sessions.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { ids, walk } from '../../support/read-answers.ts';
import { sessionsPath, startSessions } from './start-sessions.ts';

const day = 24 * 60 * 60 * 1000;

/** An account with an API token and two sign-ins, and another account. */
async function start(t: TestContext, engine: EngineName) {
  const app = await startSessions(t, engine);
  const ann = await app.createUser();
  const machine = await app.sessionOf(ann.token);
  const [phone, laptop] = [await app.session(ann.id), await app.session(ann.id)];
  const bob = await app.createUser();
  const ofBob = await app.sessionOf(bob.token);
  return { app, ann, machine, phone, laptop, bob, ofBob };
}

onEachEngine((engine) => {
  test('callers list their own sessions, and learn which of them asks', async (t) => {
    const { app, ann, machine, phone, laptop, ofBob } = await start(t, engine);
    const answer = await app.send(phone.token, 'GET');
    assert.deepEqual(ids(answer), [machine.id, phone.id, laptop.id]);
    assert.equal(answer.body.meta.current, String(phone.id));
    assert.equal(answer.body.meta.total_count, 3);
    assert.deepEqual(answer.body.data[1], {
      id: String(phone.id),
      type: 'sessions',
      attributes: {
        name: 'test',
        note: null,
        user_id: ann.id,
        token: null,
        last_ip: null,
        location: null,
        device: null,
        platform: null,
        browser: null,
        machine: false,
        read_only: false,
        last_activity_at: '2026-03-17T04:04:00.843+00:00',
        token_expires_at: null,
        two_factor_auth: false,
        single_sign_on: false,
        agent_first_name: null,
        agent_last_name: null,
        agent_avatar: null,
      },
      relationships: { user: { meta: { included: false } } },
    });
    // Each session of the account has a tag of its own.
    const other = await app.send(laptop.token, 'GET');
    assert.notEqual(other.headers.get('etag'), answer.headers.get('etag'));
    const known = { 'If-None-Match': answer.headers.get('etag')! };
    assert.equal((await app.send(phone.token, 'GET', sessionsPath, undefined, known)).status, 304);
    assert.equal((await app.send(laptop.token, 'GET', sessionsPath, undefined, known)).status, 200);

    const one = await app.send(phone.token, 'GET', laptop.path);
    assert.deepEqual(one.body.data, answer.body.data[2]);
    assertError(await app.send(phone.token, 'GET', ofBob.path), 404, 'record_not_found');
  });

  test('`current` is the session of the token that asks', async (t) => {
    const { app, machine, phone } = await start(t, engine);
    for (const session of [machine, phone]) {
      const current = await app.send(session.token, 'GET', `${sessionsPath}/current`);
      assert.equal(current.body.data.id, String(session.id));
      const byId = await app.send(session.token, 'GET', session.path);
      assert.deepEqual([current.text, current.headers.get('etag')], [byId.text, byId.headers.get('etag')]);
      const known = { 'If-None-Match': current.headers.get('etag')! };
      const again = await app.send(session.token, 'GET', `${sessionsPath}/current`, undefined, known);
      assert.equal(again.status, 304);
    }
    const patched = await app.send(phone.token, 'PATCH', `${sessionsPath}/current`, { name: 'x' });
    assertError(patched, 405, 'method_not_allowed');
    assert.equal(patched.headers.get('allow'), 'HEAD, GET, DELETE, OPTIONS');
  });

  test('sessions are filtered, sorted and included as documented', async (t) => {
    const { app, ann, machine, phone, laptop } = await start(t, engine);
    const reader = await app.session(ann.id, { readOnly: true });
    await app.store.write(({ records }) =>
      records(sessionsResource).update(laptop.id, {
        last_activity_at: app.clock.now + 1000,
        creator_id: ann.id,
      }),
    );
    const find = async (query: string) => ids(await app.send(phone.token, 'GET', `${sessionsPath}?${query}`));
    assert.deepEqual(await find('filter[machine]=true'), [machine.id, reader.id]);
    assert.deepEqual(await find('filter[machine]=false'), [phone.id, laptop.id]);
    assert.deepEqual(await find('filter[read_only]=true'), [reader.id]);
    assert.deepEqual(await find(`filter[creator_id]=${ann.id}`), [laptop.id]);
    assert.deepEqual(await find(`filter[user_id]=${ann.id}`), [machine.id, phone.id, laptop.id, reader.id]);
    assert.deepEqual(await find('sort=-last_activity_at&filter[machine]=false'), [laptop.id, phone.id]);
    assert.deepEqual(await find('sort=-id'), [reader.id, laptop.id, phone.id, machine.id]);
    const pages = await walk(app, `${sessionsPath}?page[after]=&page[size]=1`, phone.token);
    assert.deepEqual(pages.flatMap(ids), [machine.id, phone.id, laptop.id, reader.id]);
    assert.deepEqual(pages[0]!.body.meta, { page_size: 1, max_page_size: 200, current: String(phone.id) });

    const sparse = await app.send(
      phone.token,
      'GET',
      `${sessionsPath}?include=user&fields[sessions]=name,user&fields[users]=email&filter[id]=${phone.id}`,
    );
    assert.deepEqual(sparse.body.data, [
      {
        id: String(phone.id),
        type: 'sessions',
        attributes: { name: 'test' },
        relationships: { user: { data: { type: 'users', id: String(ann.id) } } },
      },
    ]);
    assert.deepEqual(sparse.body.included, [
      { id: String(ann.id), type: 'users', attributes: { email: 'user1@email.com' } },
    ]);
  });

  test('C15 a session is gone from the second on in which it ends, also for its tag and its total', async (t) => {
    const { app, ann, machine, phone, laptop } = await start(t, engine);
    const brief = await app.session(ann.id, { expiresAt: app.clock.now + 60_000 });
    const list = (headers = {}) => app.send(machine.token, 'GET', sessionsPath, undefined, headers);
    const before = await list();
    assert.deepEqual(ids(before), [machine.id, phone.id, laptop.id, brief.id]);
    const known = { 'If-None-Match': before.headers.get('etag')! };
    app.clock.now += 59_999;
    assert.equal((await list(known)).status, 304);
    assert.equal((await app.send(machine.token, 'GET', brief.path)).status, 200);
    app.clock.now += 1;
    const after = await list(known);
    assert.deepEqual([ids(after), after.body.meta.total_count], [[machine.id, phone.id, laptop.id], 3]);
    for (const method of ['GET', 'PATCH', 'DELETE'])
      assertError(
        await app.send(machine.token, method, brief.path, method === 'PATCH' ? { name: 'x' } : undefined),
        404,
        'record_not_found',
      );
    const page = await app.send(machine.token, 'GET', `${sessionsPath}?page[size]=2&page[number]=2`);
    assert.deepEqual([ids(page), page.body.meta.total_count], [[laptop.id], 3]);

    // Without a request for 30 days.
    app.clock.now += 30 * day - 60_001;
    assert.deepEqual(ids(await list()), [machine.id, phone.id, laptop.id]);
    app.clock.now += 1;
    assert.deepEqual(ids(await list()), [machine.id]);
    assert.equal(await app.statusOf(phone.token), 401);
    assertError(await app.send(machine.token, 'GET', phone.path), 404, 'record_not_found');
  });

  test('a session that opens nothing for another reason than its own end is still listed, and can be ended', async (t) => {
    const { app, ann } = await start(t, engine);
    const guard = await app.createUser({ sysadmin: ['manage_security'] });
    const expired = await app.createUser({
      values: { account_access_expires_at: app.clock.now + 1000 },
    });
    const acme = await app.createOrganization();
    await app.store.write(async (transaction) => {
      await setMember(transaction, acme, ann.id, 'member', app.clock.now);
    });
    const membershipId = (await app.store.read.memberships.idOf(acme, ann.id))!;
    const bound = await app.session(ann.id, { membershipId });
    await app.store.write(({ records }) =>
      records(memberships).update(membershipId, { expires_at: app.clock.now + 1000 }),
    );
    app.clock.now += 1000;
    assert.equal(await app.statusOf(bound.token), 401);
    assert.equal((await app.send(ann.token, 'GET', bound.path)).status, 200);
    const ofExpired = await app.send(guard.token, 'GET', `${sessionsPath}?filter[user_id]=${expired.id}`);
    assert.equal(ofExpired.body.data.length, 1);
    assert.equal((await app.send(ann.token, 'DELETE', bound.path)).status, 204);
    const path = `${sessionsPath}/${ofExpired.body.data[0].id}`;
    assert.equal((await app.send(guard.token, 'DELETE', path)).status, 204);
  });

  test('D1 only a sysadmin with manage_security reads the sessions of others, and asks for them by account', async (t) => {
    const { app, ann, machine, phone, laptop, bob, ofBob } = await start(t, engine);
    const guard = await app.createUser({ sysadmin: ['manage_security'] });
    const others = await app.createUser({ sysadmin: ['manage_users', 'manage_organizations'] });
    const own = await app.sessionOf(guard.token);
    const find = async (token: string, query: string) =>
      ids(await app.send(token, 'GET', `${sessionsPath}?${query}`));
    assert.deepEqual(await find(guard.token, ''), [own.id]);
    assert.deepEqual(await find(guard.token, `filter[user_id]=${ann.id}`), [machine.id, phone.id, laptop.id]);
    assert.deepEqual(await find(guard.token, `filter[user_id]=${ann.id},${bob.id}&filter[machine]=1`), [
      machine.id,
      ofBob.id,
    ]);
    assert.equal((await app.send(guard.token, 'GET', ofBob.path)).status, 200);
    for (const token of [others.token, bob.token]) {
      assert.deepEqual(await find(token, `filter[user_id]=${ann.id}`), []);
      assert.deepEqual(await find(token, `filter[user_id][not_eq]=0&filter[id]=${machine.id}`), []);
      assertError(await app.send(token, 'GET', machine.path), 404, 'record_not_found');
    }
  });

  test('X-Organization-Id changes nothing on sessions, but must be an organization of the caller', async (t) => {
    const { app, ann, machine, phone, laptop } = await start(t, engine);
    const [acme, globex] = [await app.createOrganization(), await app.createOrganization()];
    await app.store.write((transaction) => setMember(transaction, acme, ann.id, 'member', app.clock.now));
    const within = (id: number) => ({ 'X-Organization-Id': String(id) });
    const listed = await app.send(phone.token, 'GET', sessionsPath, undefined, within(acme));
    assert.deepEqual(ids(listed), [machine.id, phone.id, laptop.id]);
    for (const [method, path, attributes] of [
      ['GET', sessionsPath],
      ['GET', phone.path],
      ['GET', `${sessionsPath}/current`],
      ['PATCH', phone.path, { name: 'x' }],
      ['POST', `${sessionsPath}/machine`, { name: 'x' }],
      ['DELETE', laptop.path],
      ['DELETE', sessionsPath],
      ['DELETE', `${sessionsPath}/current`],
    ] as const)
      assertError(
        await app.send(phone.token, method, path, attributes, within(globex)),
        403,
        'access_denied',
      );
    assert.equal((await app.send(phone.token, 'DELETE', laptop.path, undefined, within(acme))).status, 204);
  });
});
