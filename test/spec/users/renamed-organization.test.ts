// A user shows a value of another record, the slug of the default organization. It is part of the user's version.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Config } from '../../../src/config.ts';
import { openStore } from '../../../src/open-store.ts';
import { onTables } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { document, serveStore, type TestApp } from '../../support/start-app.ts';

interface Setting {
  readonly apps: readonly [TestApp, TestApp];
  readonly organizationId: number;
  readonly member: { readonly id: number; readonly token: string };
  readonly other: { readonly id: number; readonly token: string };
  readonly manager: { readonly id: number; readonly token: string };
  /** Directly in the table, without the product's code. */
  rename(slug: string): Promise<unknown>;
  remove(): Promise<unknown>;
}

async function start(t: TestContext, engine: EngineName): Promise<Setting> {
  const config: Config = { ...(await clearedConfig(t, engine)), workers: 2 };
  const open = async () => {
    const store = await openStore(config);
    t.after(() => store.close());
    return serveStore(t, store);
  };
  const apps = [await open(), await open()] as const;
  const [app] = apps;
  const organizationId = await app.createOrganization('Acme');
  const elsewhere = await app.createOrganization('Elsewhere');
  const setDefault = (id: number) => ({ organizationId: id, values: { default_organization_id: id } });
  return {
    apps,
    organizationId,
    member: await app.createUser(setDefault(organizationId)),
    other: await app.createUser(setDefault(elsewhere)),
    manager: await app.createUser({ sysadmin: true }),
    rename: (slug) =>
      onTables(config, `UPDATE organizations SET slug = '${slug}' WHERE id = ${organizationId}`),
    remove: () => onTables(config, `DELETE FROM organizations WHERE id = ${organizationId}`),
  };
}

const slugOf = (attributes: { default_organization_slug: string }) => attributes.default_organization_slug;
const etagOf = ({ headers }: { headers: Headers }) => headers.get('etag')!;

onEachEngine((engine) => {
  test('a renamed organization is shown at once by every instance, under a new tag', async (t) => {
    const { apps, member, other, manager, organizationId, rename } = await start(t, engine);
    const show = (app: TestApp, { id }: { id: number }, ifNoneMatch?: string) =>
      app.request('GET', `/api/v2/users/${id}`, {
        token: manager.token,
        headers: ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch },
      });
    // A record that is requested twice is cached.
    for (const app of apps) for (let i = 0; i < 3; i++) await show(app, member);
    const before = etagOf(await show(apps[0], member));
    const ofOther = etagOf(await show(apps[0], other));
    for (const slug of [`${organizationId}-renamed`, `${organizationId}-renamed-again`]) {
      await rename(slug);
      for (const app of apps) {
        const shown = await show(app, member, before);
        assert.equal(shown.status, 200);
        assert.equal(slugOf(shown.body.data.attributes), slug);
        assert.notEqual(etagOf(shown), before);
        assert.equal((await show(app, member, etagOf(shown))).status, 304);
        assert.equal(
          (await show(app, other, ofOther)).status,
          304,
          'a user of another organization is as before',
        );
      }
    }
  });

  test('a renamed organization is shown at once by the lists of every instance, under a new tag', async (t) => {
    const { apps, member, other, manager, organizationId, rename } = await start(t, engine);
    const queries = [
      '',
      '?page[after]=&sort=-last_name',
      `?filter[default_organization_id]=${organizationId}`,
      '?fields[users]=default_organization_slug',
    ];
    const list = (app: TestApp, query: string, headers = {}) =>
      app.request('GET', `/api/v2/users${query}`, { token: manager.token, headers });
    for (const app of apps) for (const query of queries) for (let i = 0; i < 3; i++) await list(app, query);
    for (const slug of [`${organizationId}-renamed`, `${organizationId}-renamed-again`]) {
      const tags = await Promise.all(queries.map(async (query) => etagOf(await list(apps[0], query))));
      await rename(slug);
      for (const app of apps)
        for (const [i, query] of queries.entries()) {
          const listed = await list(app, query, { 'If-None-Match': tags[i]! });
          assert.equal(listed.status, 200, query);
          const found = listed.body.data.find(({ id }: { id: string }) => id === String(member.id));
          assert.equal(slugOf(found.attributes), slug, query);
          const others = listed.body.data.filter(({ id }: { id: string }) => id === String(other.id));
          for (const { attributes } of others) assert.match(slugOf(attributes), /elsewhere/);
          assert.equal((await list(app, query, { 'If-None-Match': etagOf(listed) })).status, 304);
        }
    }
  });

  test('a list shows the new name of records that were kept when they were shown one by one', async (t) => {
    const { apps, member, manager, organizationId, rename } = await start(t, engine);
    const [app] = apps;
    const { token } = manager;
    await rename(`${organizationId}-renamed`);
    for (let i = 0; i < 3; i++) {
      await app.request('GET', `/api/v2/users/${member.id}`, { token });
      await app.request('GET', '/api/v2/users', { token });
    }
    await rename(`${organizationId}-renamed-again`);
    for (const path of [`/api/v2/users?filter[id]=${member.id}`, '/api/v2/users?page[after]=&page[size]=3']) {
      const { body } = await app.request('GET', path, { token });
      const found = body.data.find(({ id }: { id: string }) => id === String(member.id));
      assert.equal(slugOf(found.attributes), `${organizationId}-renamed-again`, path);
    }
  });

  test('If-Match with the tag from before a new name of the organization is refused, with the new one it is met', async (t) => {
    const { apps, member, organizationId, rename } = await start(t, engine);
    const path = `/api/v2/users/${member.id}`;
    const { token } = member;
    const before = etagOf(await apps[0].request('GET', path, { token }));
    await rename(`${organizationId}-renamed`);
    const change = (app: TestApp, tag: string) =>
      app.request('PATCH', path, {
        token,
        headers: { 'If-Match': tag },
        body: document({ first_name: 'New' }),
      });
    for (const app of apps) assert.equal((await change(app, before)).status, 412);
    const current = etagOf(await apps[1].request('GET', path, { token }));
    const changed = await change(apps[0], current);
    assert.equal(changed.status, 200);
    assert.equal(slugOf(changed.body.data.attributes), `${organizationId}-renamed`);
    for (const app of apps) {
      const shown = await app.request('GET', path, { token });
      assert.equal(etagOf(shown), etagOf(changed), 'the tag of the change is that of the record');
    }
  });

  test('a deleted organization is gone from the users that had it as their default', async (t) => {
    const { apps, member, manager, remove } = await start(t, engine);
    const [, another] = apps;
    const { token } = manager;
    const paths = [`/api/v2/users/${member.id}`, '/api/v2/users?page[after]='];
    for (let i = 0; i < 3; i++) for (const path of paths) await another.request('GET', path, { token });
    const before = etagOf(await another.request('GET', paths[0]!, { token }));
    await remove();
    const shown = await another.request('GET', paths[0]!, { token });
    assert.equal(slugOf(shown.body.data.attributes), null);
    assert.notEqual(etagOf(shown), before);
    const { body } = await another.request('GET', paths[1]!, { token });
    const found = body.data.find(({ id }: { id: string }) => id === String(member.id));
    assert.equal(slugOf(found.attributes), null);
  });
});
