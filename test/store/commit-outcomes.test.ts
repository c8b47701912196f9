// The result of a write matches what is in the database: an acknowledged write is there, a failed one is not, and the
// next write works.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '../../src/config.ts';
import { openPostgres } from '../../src/store/postgres/engine.ts';
import type { Database, Engine } from '../../src/store/sql/engine.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import { clearedPostgres, type EngineName, onEachEngine, temporaryFolder } from '../support/engines.ts';

async function openEngine(t: TestContext, name: EngineName): Promise<Engine> {
  const config = readConfig({ databasePool: '2' }, {});
  const engine =
    name === 'postgres'
      ? await openPostgres(await clearedPostgres(t), config)
      : await openSqlite(join(await temporaryFolder(t), 'muster.db'), config);
  t.after(() => engine.close());
  return engine;
}

const keep = (db: Database, name: string) =>
  db.insertInto('secrets').values({ name, value: 'any' }).execute();

async function kept(engine: Engine): Promise<string[]> {
  const rows = await engine.reader.selectFrom('secrets').select('name').orderBy('name').execute();
  return rows.map(({ name }) => name).filter((name) => name.startsWith('test '));
}

onEachEngine((name) => {
  test('a write that goes on after the database refused a statement is not acknowledged unless all of it is kept', async (t) => {
    const engine = await openEngine(t, name);
    await engine.write((db) => keep(db, 'test 1'));
    const [outcome] = await Promise.allSettled([
      engine.write(async (db) => {
        await keep(db, 'test 2');
        await keep(db, 'test 1').catch(() => {});
      }),
    ]);
    const isKept = outcome!.status === 'fulfilled';
    assert.deepEqual(await kept(engine), isKept ? ['test 1', 'test 2'] : ['test 1']);
    await engine.write((db) => keep(db, 'test 3'));
    assert.ok((await kept(engine)).includes('test 3'));
  });

  test('writes whose commit the database refuses all fail, leave nothing, and those that follow are kept', async (t) => {
    const engine = await openEngine(t, name);
    for (let round = 0; round < 3; round++) {
      const outcomes = await Promise.allSettled([
        engine.write((db) => failAtCommit(db, name)),
        engine.write((db) => keep(db, `test ${round}`)),
      ]);
      assert.equal(outcomes[0]!.status, 'rejected');
      // Writes in one group commit fail together.
      const expected = outcomes[1]!.status === 'fulfilled' ? [`test ${round}`] : [];
      assert.deepEqual(await kept(engine), expected);
      await engine.write(async (db) => void (await db.deleteFrom('secrets').execute()));
    }
    await engine.write((db) => keep(db, 'test after'));
    assert.deepEqual(await kept(engine), ['test after']);
  });

  test('a write that fails at any statement leaves no transaction to the one that follows', async (t) => {
    const engine = await openEngine(t, name);
    const nonsense = (db: Database) => sql`select * from nowhere`.execute(db);
    for (let i = 0; i < 5; i++) {
      await assert.rejects(
        engine.write(async (db) => {
          await keep(db, 'test lost');
          await nonsense(db);
        }),
      );
      await engine.write((db) => keep(db, `test ${i}`));
    }
    assert.deepEqual(await kept(engine), ['test 0', 'test 1', 'test 2', 'test 3', 'test 4']);
  });
});

/** Violates a deferred constraint, which is checked only at the commit. */
async function failAtCommit(db: Database, name: EngineName): Promise<void> {
  if (name === 'sqlite') {
    await sql`pragma defer_foreign_keys = on`.execute(db);
    await db.insertInto('passwords').values({ user_id: 999, hash: 'any', changed_at: 0 }).execute();
    return;
  }
  await sql`create table checked_late (id integer, unique (id) deferrable initially deferred)`.execute(db);
  await sql`insert into checked_late values (1), (1)`.execute(db);
}
