// A database of the version before with organizations becomes one of this version.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openEngine, openStore } from '../../src/open-store.ts';
import { organizations } from '../../src/resources/organizations/organizations.ts';
import { migrations } from '../../src/store/migrations/migrations.ts';
import { onTables, rowsOf } from '../support/database-rows.ts';
import { type EngineName, emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';

const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0011'));

/** SQL that inserts as many organizations and users as numbers, as the version before inserted them. */
const numbers: Readonly<Record<EngineName, (count: number) => string>> = {
  sqlite: (count) =>
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})`,
  postgres: (count) => `WITH numbers (n) AS (SELECT * FROM generate_series(1, ${count}))`,
};

async function databaseBefore(t: TestContext, engine: EngineName, count: number) {
  const config = await emptyDatabaseConfig(t, engine);
  await (await openEngine(config, { migrations: before })).close();
  const insert = 'INSERT INTO organizations (name, slug, created_at)';
  const many = `SELECT 'Organization ' || n, n || '-organization-' || n, n FROM numbers`;
  await onTables(
    config,
    engine === 'sqlite'
      ? `${insert} ${numbers.sqlite(count)} ${many}`
      : `${insert} ${numbers.postgres(count)} ${many}`,
  );
  await onTables(config, `UPDATE organizations SET name = 'ŽOFIE Ltd' WHERE id = 2`);
  return config;
}

onEachEngine((engine) => {
  test('organizations keep ids, names, slugs and revisions, and are found, counted and sorted', async (t) => {
    const config = await databaseBefore(t, engine, 700);
    const old = await rowsOf(config, 'organizations');
    const store = await openStore(config);
    t.after(() => store.close());
    const current = await rowsOf(config, 'organizations');
    assert.deepEqual(
      current.map(({ id, name, slug, created_at }) => ({ id, name, slug, created_at })),
      old.map(({ id, name, slug, created_at }) => ({ id, name, slug, created_at })),
    );
    // Nothing that is shown has changed, so the tags of users stay.
    assert.deepEqual(
      current.filter(({ id }) => Number(id) !== 2).map(({ revision }) => Number(revision)),
      old.filter(({ id }) => Number(id) !== 2).map(({ revision }) => Number(revision)),
    );
    for (const row of current)
      assert.deepEqual([row.name_key, row.updated_at], [String(row.name).toLowerCase(), row.created_at]);
    const records = store.read.records(organizations);
    assert.equal((await records.state()).rowCount, 700);
    for (const [word, count] of [
      ['žofie', 1],
      ['organization 69', 11],
    ] as const)
      assert.equal(
        await records.count({ attribute: 'name', operator: 'contains', values: [word] }, null),
        count,
      );
  });

  test('an organization that the version before creates meanwhile is complete', async (t) => {
    const config = await databaseBefore(t, engine, 3);
    const store = await openStore(config);
    t.after(() => store.close());
    await onTables(config, `INSERT INTO organizations (id, name, created_at) VALUES (74, 'Acme Ltd', 5)`);
    await onTables(config, `UPDATE organizations SET slug = '74-acme-ltd' WHERE id = 74`);
    // The reads of one turn share a snapshot.
    await setImmediate();
    const records = store.read.records(organizations);
    const { revision: _, shown: __, ...made } = (await records.find(74))!;
    assert.deepEqual(
      { ...made },
      {
        ...{ id: 74, name: 'Acme Ltd', created_at: 5, updated_at: 5, subdomain: null },
        ...{ invitation_token: null, flags: '{}', time_zone: null, avatar_url: null },
        ...{ locale: 'en_US', slug: '74-acme-ltd', creator_id: null },
      },
    );
    assert.equal((await records.state()).rowCount, 4);
    assert.equal(await records.count({ attribute: 'name', operator: 'contains', values: ['ACME'] }, null), 1);
    assert.deepEqual(await rowsOf(config, 'organization_renames'), []);
  });
});
