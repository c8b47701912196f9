// After a membership has ended, a job gives its holder another default organization.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Config, readConfig } from '../../../src/config.ts';
import { backgroundJobs } from '../../../src/jobs.ts';
import { openStore } from '../../../src/open-store.ts';
import { addMembers } from '../../support/add-members.ts';
import { onTables, rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, engines, onEachEngine } from '../../support/engines.ts';
import { removeMember, setMember } from '../../support/members.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { document, serveStore, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';
const minute = 60_000;

async function start(t: TestContext, engine: EngineName) {
  const config: Config = { ...(await clearedConfig(t, engine)), workers: 2 };
  const clock = { now: Date.parse('2026-03-17T04:04:00.843Z') };
  const settings = { publicUrl: 'https://accounts.example' };
  const open = async () => {
    const store = await openStore(config);
    t.after(() => store.close());
    return serveStore(t, store, settings, { clock });
  };
  const apps = [await open(), await open()] as const;
  const [app] = apps;
  const job = backgroundJobs(readConfig({}, {}), () => clock.now).find(
    ({ name }) => name === 'follow-membership-ends',
  )!;
  assert.ok(job.everySeconds < 60);
  const follow = ({ store }: TestApp = app, signal = new AbortController().signal) =>
    job.work({ write: store.write, signal });
  const setEnd = (userId: number, organizationId: number, end: number | null, joined = clock.now) =>
    app.store.write((transaction) => setMember(transaction, organizationId, userId, 'member', joined, end));
  const recorded = await recordedSince(app.store);
  // The membership itself does not change.
  const events = async () => (await recorded()).filter(({ record }) => record?.type === 'users');
  const row = async (id: number) => {
    const [found] = await onTables(config, `SELECT * FROM users WHERE id = ${id}`);
    return found!;
  };
  return { config, app, apps, clock, follow, setEnd, events, row };
}

const stopped = () => {
  const stopping = new AbortController();
  stopping.abort();
  return stopping.signal;
};

onEachEngine((engine) => {
  test('the default organization moves to the oldest other one that has not ended, under a new tag in every instance', async (t) => {
    const { app, apps, clock, follow, setEnd, events } = await start(t, engine);
    const [acme, first, second, ended] = [
      await app.createOrganization('Acme'),
      await app.createOrganization('First'),
      await app.createOrganization('Second'),
      await app.createOrganization('Ended'),
    ];
    const { id, token } = await app.createUser({ organizationId: acme });
    const end = clock.now + minute;
    await setEnd(id, acme, end);
    await setEnd(id, ended, end - 1, clock.now - 3);
    await setEnd(id, second, null, clock.now - 1);
    await setEnd(id, first, end + 1, clock.now - 2);
    const path = `${usersPath}/${id}`;
    const list = `${usersPath}?filter[default_organization_id]=${acme}`;
    const read = async (to: string) => {
      const answers = [];
      for (const one of apps)
        for (let i = 0; i < 2; i++) answers.push(await one.request('GET', to, { token }));
      for (const { text } of answers) assert.equal(text, answers[0]!.text);
      return answers[0]!;
    };
    const before = await read(path);
    clock.now = end - 1;
    assert.equal(await follow(), 0);
    clock.now = end;
    assert.equal((await read(path)).text, before.text);
    assert.equal((await read(list)).body.meta.total_count, 1);

    assert.equal(await follow(apps[1]), 1);
    const after = await read(path);
    assert.notEqual(after.headers.get('etag'), before.headers.get('etag'));
    const { attributes } = after.body.data;
    assert.equal(attributes.default_organization_id, first);
    assert.equal(attributes.default_organization_slug, `${first}-first`);
    assert.equal(Date.parse(attributes.updated_at), end);
    assert.equal((await read(list)).body.meta.total_count, 0);
    const [event, ...more] = await events();
    assert.deepEqual(more, []);
    assert.equal(event!.action, 'user.update');
    assert.deepEqual(event!.actor, { kind: 'system', userId: null });
    assert.deepEqual(event!.record, { type: 'users', id });
    assert.deepEqual(
      event!.changes.filter(({ attribute }) => attribute === 'default_organization_id'),
      [{ attribute: 'default_organization_id', from: acme, to: first }],
    );

    clock.now = end + 1;
    assert.equal(await follow(), 1);
    assert.equal((await read(path)).body.data.attributes.default_organization_id, second);
    assert.equal(await follow(), 0);
    assert.equal((await read(path)).body.data.attributes.default_organization_id, second);
  });

  test('who has no other organization gets none, and other accounts stay as they are', async (t) => {
    const { app, clock, follow, setEnd, events, row } = await start(t, engine);
    const [acme, elsewhere] = [await app.createOrganization(), await app.createOrganization()];
    const end = clock.now + minute;
    const losing = await app.createUser({ organizationId: acme });
    const staying = await app.createUser({ organizationId: acme });
    const chosen = await app.createUser({ organizationId: elsewhere });
    const extended = await app.createUser({ organizationId: acme });
    const lasting = await app.createUser({ organizationId: acme });
    for (const { id } of [losing, chosen, extended, lasting]) await setEnd(id, acme, end);
    await setEnd(lasting.id, acme, null);
    clock.now = end;
    await setEnd(extended.id, acme, end + 1);
    const others = [staying, chosen, extended, lasting];
    const before = await Promise.all(others.map(({ id }) => row(id)));
    assert.equal(await follow(), 1);
    assert.equal((await row(losing.id)).default_organization_id, null);
    assert.deepEqual(await Promise.all(others.map(({ id }) => row(id))), before);
    assert.equal((await events()).length, 1);
    assert.equal(await follow(), 0);
    clock.now = end + 1;
    assert.equal(await follow(), 1);
    assert.equal((await row(extended.id)).default_organization_id, null);
    assert.deepEqual(await row(staying.id), before[0]);
  });

  test('an end in the past is followed too, and one that is handled is not looked at again', async (t) => {
    const { config, app, clock, follow, setEnd, row } = await start(t, engine);
    const acme = await app.createOrganization();
    const [ann, bob] = [
      await app.createUser({ organizationId: acme }),
      await app.createUser({ organizationId: acme }),
    ];
    await setEnd(ann.id, acme, clock.now);
    assert.equal(await follow(), 1);
    assert.deepEqual(await rowsOf(config, 'membership_ends'), []);
    await setEnd(bob.id, acme, clock.now - 7 * 24 * 60 * minute);
    assert.equal(await follow(), 1);
    for (const { id } of [ann, bob]) assert.equal((await row(id)).default_organization_id, null);

    // Extended, chosen again, and ended again at the same time as before.
    const end = clock.now;
    await setEnd(ann.id, acme, end + minute);
    const body = document({ default_organization_id: acme });
    const again = await app.request('PATCH', `${usersPath}/${ann.id}`, { token: ann.token, body });
    assert.equal(again.body.data.attributes.default_organization_id, acme);
    await setEnd(ann.id, acme, end);
    assert.equal(await follow(), 1);
    assert.equal((await row(ann.id)).default_organization_id, null);
    await setEnd(ann.id, acme, end + minute);
    await app.store.write((transaction) => removeMember(transaction, acme, ann.id, clock.now));
    assert.deepEqual(await rowsOf(config, 'membership_ends'), []);
  });

  test('many ends are followed in batches; a run that stops halfway goes on from there', async (t) => {
    const { app, apps, clock, follow, setEnd, events } = await start(t, engine);
    const acme = await app.createOrganization();
    const added = await addMembers(app, acme, 61, clock.now + minute);
    clock.now += minute;
    const statesOf = async () =>
      (
        await app.request('GET', `${usersPath}?page[size]=1&filter[default_organization_id]=${acme}`, {
          token: sysadmin.token,
        })
      ).body.meta.total_count;
    const sysadmin = await app.createUser({ sysadmin: true });
    assert.equal(await follow(app, stopped()), 20);
    assert.equal(await statesOf(), 41);
    assert.equal(await follow(apps[1], stopped()), 20);
    await setEnd(added.at(-1)!, acme, null);
    // Two processes at once move each of them once.
    const counts = await Promise.all(apps.map((one) => follow(one)));
    assert.equal(counts[0]! + counts[1]!, 20);
    assert.equal(await statesOf(), 1);
    assert.equal((await events()).length, 60);
  });
});

test('a membership that is extended while the job waits for the account keeps the default organization', {
  skip: !engines.includes('postgres'),
}, async (t) => {
  const { config, app, clock, follow, setEnd, events, row } = await start(t, 'postgres');
  const acme = await app.createOrganization();
  const { id } = await app.createUser({ organizationId: acme });
  await setEnd(id, acme, clock.now);
  const before = await row(id);
  const [client, watcher] = [0, 1].map(() => new pg.Client({ connectionString: config.databaseUrl }));
  for (const one of [client!, watcher!]) await one.on('error', () => {}).connect();
  await client!.query(`BEGIN; SELECT FROM users WHERE id = ${id} FOR UPDATE`);
  const followed = follow();
  const blocked = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  while ((await watcher!.query(blocked)).rows.length === 0) await sleep(10);
  await client!.query(
    `UPDATE organization_memberships SET expires_at = ${clock.now + minute} WHERE user_id = ${id}; COMMIT`,
  );
  assert.equal(await followed, 0);
  assert.deepEqual(await row(id), before);
  assert.deepEqual(await events(), []);
  clock.now += minute;
  assert.equal(await follow(), 1);
  for (const one of [client!, watcher!]) await one.end();
});
