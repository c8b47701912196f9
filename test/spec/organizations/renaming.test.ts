// A new name is shown by every user of the organization at once; their updated_at follows.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Config, readConfig } from '../../../src/config.ts';
import { backgroundJobs } from '../../../src/jobs.ts';
import { openStore } from '../../../src/open-store.ts';
import { addMembers } from '../../support/add-members.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { serveStore } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';

async function start(t: TestContext, engine: EngineName) {
  const config: Config = { ...(await clearedConfig(t, engine)), workers: 2 };
  const open = async () => {
    const store = await openStore(config);
    t.after(() => store.close());
    return serveStore(t, store);
  };
  const apps = [await open(), await open()] as const;
  const [app] = apps;
  const organizationId = await app.createOrganization('Acme');
  const owner = await app.createUser({ organizationId, role: 'owner' });
  const path = `/api/v2/organizations/${organizationId}`;
  const rename = (name: string, headers = {}) =>
    app.request('PATCH', path, {
      token: owner.token,
      headers,
      body: { data: { type: 'organizations', id: String(organizationId), attributes: { name } } },
    });
  const follow = () => {
    const job = backgroundJobs(readConfig({}, {}), () => app.clock.now).find(
      ({ name }) => name === 'follow-organization-renames',
    )!;
    assert.ok(job.everySeconds <= 60);
    return job.work({ write: app.store.write, signal: new AbortController().signal });
  };
  return { config, apps, app, organizationId, owner, path, rename, follow };
}

onEachEngine((engine) => {
  test('a new name is shown at once by two instances, of the organization and of its users, under new tags', async (t) => {
    const { apps, organizationId, owner, path, rename } = await start(t, engine);
    const { token } = owner;
    const paths = [path, '/api/v2/organizations', `${usersPath}/${owner.id}`, usersPath];
    const read = (app: (typeof apps)[0], to: string, headers = {}) =>
      app.request('GET', to, { token, headers });
    for (const app of apps) for (const to of paths) for (let i = 0; i < 3; i++) await read(app, to);
    for (const name of ['Kolibri', 'Zoë & Co.']) {
      const tags = await Promise.all(paths.map(async (to) => (await read(apps[1], to)).headers.get('etag')!));
      const renamed = await rename(name, { 'If-Match': tags[0]! });
      assert.equal(renamed.status, 200);
      assert.equal(renamed.body.data.attributes.name, name);
      const words = name === 'Kolibri' ? 'kolibri' : 'zoë-co';
      for (const app of apps)
        for (const [i, to] of paths.entries()) {
          const answer = await read(app, to, { 'If-None-Match': tags[i]! });
          assert.equal(answer.status, 200, to);
          const { attributes } = [answer.body.data].flat()[0];
          assert.equal(
            attributes.default_organization_slug ?? attributes.name,
            to.startsWith(usersPath) ? `${organizationId}-${words}` : name,
          );
        }
      assert.equal((await rename('Late', { 'If-Match': tags[0]! })).status, 412);
    }
    const found = await read(apps[1], `/api/v2/organizations?filter[query]=ZOË`);
    assert.equal(found.body.meta.total_count, 1);
    assert.equal(
      (await read(apps[1], `/api/v2/organizations?filter[query]=kolibri`)).body.meta.total_count,
      0,
    );
  });

  test('updated_at of the users follows in batches, and of nobody else', async (t) => {
    const { config, app, organizationId, owner, rename, follow } = await start(t, engine);
    const elsewhere = await app.createUser({ organizationId: await app.createOrganization('Elsewhere') });
    for (let i = 0; i < 3; i++) await app.createUser({ organizationId });
    const times = async () =>
      new Map((await rowsOf(config, 'users')).map((row) => [Number(row.id), Number(row.updated_at)]));
    const before = await times();
    assert.equal(await follow(), 0);
    app.clock.now += 5000;
    await rename('Kolibri');
    assert.deepEqual(await times(), before);
    assert.equal((await rowsOf(config, 'organization_renames')).length, 1);
    app.clock.now += 5000;
    assert.equal(await follow(), 4);
    for (const [id, at] of await times())
      assert.equal(at, id === elsewhere.id ? before.get(id) : app.clock.now, String(id));
    assert.deepEqual(await rowsOf(config, 'organization_renames'), []);
    assert.equal(await follow(), 0);
    const { body } = await app.request('GET', `${usersPath}/${owner.id}`, { token: owner.token });
    assert.equal(Date.parse(body.data.attributes.updated_at), app.clock.now);

    // Nothing follows where the name has the same slug, or other attributes change.
    await rename('kolibri!');
    assert.deepEqual(await rowsOf(config, 'organization_renames'), []);
  });

  test('a run that stops halfway goes on from there, and begins anew after another name', async (t) => {
    const { config, app, organizationId, rename } = await start(t, engine);
    await addMembers(app, organizationId, 40);
    await rename('Kolibri');
    app.clock.now += 1000;
    const [job] = backgroundJobs(readConfig({}, {}), () => app.clock.now).filter(({ name }) =>
      /renames/.test(name),
    );
    const run = async () => {
      const stopped = new AbortController();
      stopped.abort();
      return job!.work({ write: app.store.write, signal: stopped.signal });
    };
    assert.deepEqual([await run(), await run()], [20, 20]);
    await rename('Colibri');
    assert.deepEqual([await run(), await run(), await run(), await run()], [20, 20, 1, 0]);
    const rows = await rowsOf(config, 'users');
    assert.ok(rows.every((row) => Number(row.updated_at) >= app.clock.now));
  });
});
