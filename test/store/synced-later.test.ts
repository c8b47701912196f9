// Writes that need not be on disk at once: without an fsync of their own.

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Config } from '../../src/config.ts';
import { databaseFile, openEngine } from '../../src/open-store.ts';
import type { Database } from '../../src/store/sql/engine.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';

/** What the engines call a commit that waits for the disk, and one that does not. */
const levels = {
  sqlite: { setting: sql`pragma synchronous`, at_once: 2, later: 1 },
  postgres: { setting: sql`show synchronous_commit`, at_once: 'on', later: 'off' },
};

/** The databases of tests do not wait for the disk. */
async function syncCommits(config: Config): Promise<void> {
  const engine = await openEngine(config);
  const name = new URL(config.databaseUrl).pathname.slice(1);
  await engine.write((db) => sql`alter database ${sql.ref(name)} set synchronous_commit to on`.execute(db));
  await engine.close();
}

onEachEngine((engine) => {
  const level = async (db: Database) =>
    Object.values((await levels[engine].setting.execute(db)).rows[0] as object)[0];

  test('E3 a write that is synced later waits for no disk, and every other one does', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    if (engine === 'postgres') await syncCommits(config);
    const open = await openEngine(config);
    t.after(() => open.close());
    const { at_once, later } = levels[engine];
    assert.equal(await open.write(level), at_once);
    assert.equal(await open.write(level, { sync: 'later' }), later);
    assert.equal(await open.write(level), at_once);
    assert.equal(await open.write(level, { sync: 'at_once' }), at_once);
    const failing = open.write(() => Promise.reject(new Error('broken')), { sync: 'later' });
    await assert.rejects(failing, /broken/);
    assert.equal(await open.write(level), at_once);

    // Of one turn, and so of one commit on SQLite.
    const mixed = await Promise.all([open.write(level, { sync: 'later' }), open.write(level)]);
    assert.equal(mixed[1], at_once);
    const alike = await Promise.all([1, 2].map(() => open.write(level, { sync: 'later' })));
    assert.deepEqual(alike, [later, later]);
  });

  test('E3 a write that arrives while one waits for the lock to be synced later is on disk when it resolves', {
    skip: engine === 'postgres' && 'there is no lock of all writers',
  }, async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const open = await openEngine(config);
    t.after(() => open.close());
    const other = new DatabaseSync(databaseFile(config));
    other.exec('BEGIN IMMEDIATE');
    const first = open.write(level, { sync: 'later' });
    // By then it has asked for the lock.
    await setImmediate();
    await setImmediate();
    const second = open.write(level);
    other.close();
    assert.deepEqual(await Promise.all([first, second]), [levels.sqlite.later, levels.sqlite.at_once]);
  });
});
