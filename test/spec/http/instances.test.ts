// Several instances on one database: a change by one is effective in the others from the next request on.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hash as bcrypt } from '@node-rs/bcrypt';
import pg from 'pg';
import { bootstrap } from '../../../src/cli/serve/bootstrap.ts';
import { readConfig } from '../../../src/config.ts';
import { openStore } from '../../../src/open-store.ts';
import { users } from '../../../src/resources/users/users.ts';
import {
  type EngineName,
  emptyDatabase,
  emptyPostgres,
  engines,
  onEachEngine,
} from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { countAdministrators, outcome } from '../../support/read-answers.ts';
import { runMuster, spawnMuster } from '../../support/spawn-muster.ts';
import { type Answer, document, send, serveStore, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';
const password = 'the first of many';

type Settings = Readonly<Record<string, string>>;

async function twoInstances(
  t: TestContext,
  engine: EngineName,
  settings: Settings = {},
): Promise<[TestApp, TestApp]> {
  // On one file they count as workers do, on one server as any two.
  const open = await emptyDatabase(t, engine, { workers: 2 });
  return [await serveStore(t, await open(), settings), await serveStore(t, await open(), settings)];
}

async function statusOf(app: TestApp, token: string, path = usersPath): Promise<number> {
  return (await app.request('GET', path, { token })).status;
}

function changePassword(app: TestApp, id: number, token: string, current: string, next: string) {
  const body = document({ current_password: current, password: next });
  return app.request('PATCH', `${usersPath}/${id}/update_password`, { token, body });
}

/** The same request to both, alternating. */
function alternately(
  apps: readonly TestApp[],
  count: number,
  ask: (app: TestApp, i: number) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => ask(apps[i % apps.length]!, i)));
}

function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[outcome(answer)] = (counts[outcome(answer)] ?? 0) + 1;
  return counts;
}

onEachEngine((engine) => {
  test('a token that one has revoked is refused by the other', async (t) => {
    const [one, other] = await twoInstances(t, engine);
    const { id, token } = await one.createUser();
    for (const app of [one, other]) assert.equal(await statusOf(app, token), 200);
    const [stored] = await one.store.read.sessions.list(id);
    await one.store.write((transaction) => transaction.sessions.end(stored!.id));
    for (const app of [other, one]) assert.equal(await statusOf(app, token), 401);
  });

  test('an account whose access one has ended is refused by the other', async (t) => {
    const [one, other] = await twoInstances(t, engine);
    const manager = await one.createUser({ sysadmin: true });
    const { id, token } = await one.createUser();
    assert.equal(await statusOf(other, token), 200);
    const expiry = (value: string | null) =>
      one.request('PATCH', `${usersPath}/${id}`, {
        token: manager.token,
        body: document({ account_access_expires_at: value }),
      });
    assert.equal((await expiry(new Date(one.clock.now - 1000).toISOString())).status, 200);
    assert.equal(await statusOf(other, token), 401);
    assert.equal((await expiry(null)).status, 200);
    assert.equal(await statusOf(other, token), 200);
  });

  test('a password that one has changed ends the sessions at the other, and is the one it asks for', async (t) => {
    const [one, other] = await twoInstances(t, engine);
    const { id, token } = await one.createUser({ password });
    const session = await one.createToken(id, { machine: false });
    assert.equal(await statusOf(other, session), 200);
    assert.equal((await changePassword(one, id, token, password, 'the second of many')).status, 200);
    assert.equal(await statusOf(other, session), 401);
    assert.equal((await changePassword(other, id, token, password, 'the third of many')).status, 422);
    const right = await changePassword(other, id, token, 'the second of many', 'the third of many');
    assert.equal(right.status, 200);
  });

  test('a power that one has taken is gone at the other', async (t) => {
    const [one, other] = await twoInstances(t, engine);
    const first = await one.createUser({ sysadmin: true });
    const second = await one.createUser({ sysadmin: true });
    const make = (email: string) =>
      other.request('POST', usersPath, {
        token: second.token,
        body: document({ email, first_name: 'Ann', last_name: 'Lee' }),
      });
    assert.equal((await make('a@email.com')).status, 201);
    const taken = await one.request('PATCH', `${usersPath}/${second.id}`, {
      token: first.token,
      body: document({ sysadmin_permissions: [] }),
    });
    assert.equal(taken.status, 200);
    assert.equal((await make('b@email.com')).status, 403);
  });

  test('a user that one has deleted is not there at the other, nor are its tokens', async (t) => {
    const [one, other] = await twoInstances(t, engine);
    const manager = await one.createUser({ sysadmin: true });
    const { id, token } = await one.createUser();
    assert.equal(await statusOf(other, manager.token, `${usersPath}/${id}`), 200);
    assert.equal(await statusOf(other, token), 200);
    const deleted = await one.request('DELETE', `${usersPath}/${id}`, { token: manager.token });
    assert.equal(deleted.status, 204);
    assert.equal(await statusOf(other, manager.token, `${usersPath}/${id}`), 404);
    assert.equal(await statusOf(other, token), 401);
  });

  test('a row that one has changed is answered anew by the other, which refuses what expects the old', async (t) => {
    const [one, other] = await twoInstances(t, engine);
    const { id, token } = await one.createUser();
    const path = `${usersPath}/${id}`;
    for (let round = 0; round < 5; round++) {
      const old = (await other.request('GET', path, { token })).headers.get('etag')!;
      const body = document({ first_name: `Ann ${round}` });
      const changed = await one.request('PATCH', path, { token, body, headers: { 'If-Match': old } });
      assert.equal(changed.status, 200);
      const seen = await other.request('GET', path, { token, headers: { 'If-None-Match': old } });
      assert.equal(seen.status, 200);
      assert.equal(seen.body.data.attributes.first_name, `Ann ${round}`);
      // Same secret and same database: a version has the same ETag on every instance.
      assert.equal(seen.headers.get('etag'), changed.headers.get('etag'));
      const late = await other.request('PATCH', path, { token, body, headers: { 'If-Match': old } });
      assert.equal(late.status, 412);
    }
  });

  test('what one has made is counted by the other, in all lists and in those of a filter', async (t) => {
    const [one, other] = await twoInstances(t, engine);
    const { token } = await one.createUser({ sysadmin: true });
    const lists = [usersPath, `${usersPath}?filter[last_name]=Lee`, `${usersPath}?filter[query]=lee`];
    let etags: (string | null)[] = [];
    for (let made = 0; made < 4; made++) {
      const answers = [];
      for (const list of lists) answers.push(await other.request('GET', list, { token }));
      const totals = answers.map(({ body }) => body.meta.total_count);
      assert.deepEqual(totals, [made + 1, made, made]);
      const tags = answers.map(({ headers }) => headers.get('etag'));
      tags.forEach((tag, i) => {
        assert.notEqual(tag, etags[i]);
      });
      etags = tags;
      const body = document({ email: `lee${made}@email.com`, first_name: 'Ann', last_name: 'Lee' });
      assert.equal((await one.request('POST', usersPath, { token, body })).status, 201);
    }
  });

  test('the limit of requests holds for both together', async (t) => {
    const apps = await twoInstances(t, engine, { rateLimit: '10' });
    const { token } = await apps[0].createUser();
    const another = await apps[0].createUser();
    const answers = await alternately(apps, 40, (app) => app.request('GET', usersPath, { token }));
    assert.deepEqual(tally(answers), { 200: 10, '429 too_many_requests': 30 });
    for (const app of apps) {
      assert.equal(await statusOf(app, token), 429);
      assert.equal(await statusOf(app, another.token), 200);
    }
  });

  test('wrong passwords are slowed by both together', async (t) => {
    const apps = await twoInstances(t, engine);
    const { id, token } = await apps[0].createUser({ password });
    const answers = await alternately(apps, 40, (app) =>
      changePassword(app, id, token, 'a wrong password', 'the second of many'),
    );
    assert.deepEqual(tally(answers), { '422 invalid_attribute': 5, '429 too_many_requests': 35 });
    assert.equal((await apps[1].store.read.passwords.attempts(id)).failures, 5);
    for (const app of apps)
      assert.equal((await changePassword(app, id, token, password, 'the second of many')).status, 429);
  });

  test('of changes that both are asked for and that expect one version, one succeeds', async (t) => {
    const apps = await twoInstances(t, engine);
    const { id, token } = await apps[0].createUser();
    const path = `${usersPath}/${id}`;
    const etag = (await apps[0].request('GET', path, { token })).headers.get('etag')!;
    const answers = await alternately(apps, 30, (app, i) =>
      app.request('PATCH', path, {
        token,
        headers: { 'If-Match': etag },
        body: document({ first_name: `Ann ${i}` }),
      }),
    );
    assert.deepEqual(tally(answers), { 200: 1, '412 precondition_failed': 29 });
  });

  test('of two changes of one password, at each, one is made, and no older password comes back', async (t) => {
    const apps = await twoInstances(t, engine);
    for (let round = 0; round < 5; round++) {
      const { id, token } = await apps[0].createUser();
      // A hash from another system. It is replaced during the request, which must not undo a change made meanwhile.
      const foreign = await bcrypt(password, 4);
      await apps[0].store.write((transaction) => transaction.passwords.set(id, foreign, 0));
      const answers = await alternately(apps, 2, (app, i) =>
        changePassword(app, id, token, password, `new password ${i}`),
      );
      assert.deepEqual(tally(answers), { 200: 1, '422 invalid_attribute': 1 });
      const winner = answers.findIndex(({ status }) => status === 200);
      const proof = await changePassword(apps[1], id, token, `new password ${winner}`, 'yet another one');
      assert.equal(proof.status, 200);
    }
  });

  test('sysadmins who are demoted by both at once leave one', async (t) => {
    const apps = await twoInstances(t, engine);
    const sysadmins = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        apps[0].createUser({ sysadmin: true, email: `sysadmin${i}@email.com` }),
      ),
    );
    await alternately(apps, 36, (app, i) =>
      app.request('PATCH', `${usersPath}/${sysadmins[i % 6]!.id}`, {
        token: sysadmins[Math.floor(i / 6)]!.token,
        body: document({ sysadmin: false }),
      }),
    );
    assert.equal(await countAdministrators(apps[0].store), 1);
  });

  test('of those that start at once on an empty database, one makes the first account', async (t) => {
    const open = await emptyDatabase(t, engine);
    const stores = [await open(), await open(), await open(), await open()];
    const made = await Promise.all(stores.map((store) => bootstrap(readConfig({}, {}), store, Date.now)));
    assert.equal(made.filter((first) => first !== null).length, 1);
    const { counts } = await stores[0]!.info();
    assert.partialDeepStrictEqual(counts, {
      users: 1,
      organizations: 1,
      organization_memberships: 1,
      people: 1,
      passwords: 1,
      sessions: 1,
    });
  });
});

test("a membership that the command line takes away is nobody's default, whatever an instance writes meanwhile", {
  timeout: 180_000,
  skip: !engines.includes('postgres'),
}, async (t) => {
  const databaseUrl = await emptyPostgres(t);
  // The account's row is locked while the command starts.
  const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '60000' }, {}));
  t.after(() => store.close());
  const app = await serveStore(t, store);
  const organizationId = await app.createOrganization();
  const { id } = await app.createUser();
  await store.write((transaction) => setMember(transaction, organizationId, id, 'member', 0));

  const watcher = new pg.Client({ connectionString: databaseUrl });
  await watcher.connect();
  const isWaitedFor = async () => {
    const { rows } = await watcher.query(`SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`);
    return rows.length > 0;
  };
  let removal: Promise<unknown> | undefined;
  await store.write(async (transaction) => {
    await transaction.records(users).findForUpdate(id);
    let ended = false;
    removal ??= runMuster(['members', 'remove', String(organizationId), String(id)], {
      env: { MUSTER_DATABASE_URL: databaseUrl },
    }).finally(() => {
      ended = true;
    });
    while (!ended && !(await isWaitedFor())) await sleep(20);
    await transaction.records(users).update(id, { default_organization_id: organizationId });
  });
  await removal;
  await watcher.end();
  assert.equal(await store.read.memberships.role(organizationId, id, app.clock.now), null);
  assert.equal((await store.read.records(users).find(id))!.default_organization_id, null);
});

test('five processes that start at once on an empty PostgreSQL all serve, and make one first account', {
  timeout: 180_000,
  skip: !engines.includes('postgres'),
}, async (t) => {
  const token = 'a-token-of-the-first-account-with-32-characters';
  const env = {
    MUSTER_DATABASE_URL: await emptyPostgres(t),
    MUSTER_BOOTSTRAP_TOKEN: token,
    MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
  };
  const started = await Promise.all(Array.from({ length: 5 }, () => spawnMuster(t, { env })));
  assert.equal(started.filter(({ stdout }) => stdout.includes('First account')).length, 1);
  for (const { url } of started) {
    const { status, body } = await send(url, 'GET', usersPath, { token });
    assert.equal(status, 200);
    assert.equal(body.meta.total_count, 1);
  }
  const ends = await Promise.all(started.map((muster) => muster.stop()));
  assert.deepEqual(new Set(ends.map(({ code }) => code)), new Set([0]));
  for (const { stderr } of started) assert.equal(stderr, '');
});
