// Ids are never reused: no later record gets the id of an earlier one, after any inserts, moves and deletions.

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
  const config = readConfig({}, {});
  const engine =
    name === 'postgres'
      ? await openPostgres(await clearedPostgres(t), config)
      : await openSqlite(join(await temporaryFolder(t), 'muster.db'), config);
  t.after(() => engine.close());
  return engine;
}

/** @param id by default generated */
async function organization(db: Database, id?: number): Promise<number> {
  const values = { name: 'any', created_at: 0, ...(id !== undefined && { id }) };
  const row = await db.insertInto('organizations').values(values).returning('id').executeTakeFirstOrThrow();
  return row.id;
}

onEachEngine((name) => {
  const table = 'organizations';

  for (const [title, explicit, given, next] of [
    ['an explicit id below those that were given', 2, undefined, 6],
    ['an explicit id above them', 40, undefined, 41],
    ['a database that had given more', 40, 90, 91],
    ['a database that had given fewer', 2, 3, 6],
  ] as const)
    test(`after ${title} the next id is new`, async (t) => {
      const engine = await openEngine(t, name);
      const ids = await engine.write(async (db) => {
        const made: number[] = [];
        for (let i = 0; i < 5; i++) made.push(await organization(db));
        return made;
      });
      assert.deepEqual(ids, [1, 2, 3, 4, 5]);
      assert.equal(await engine.lastId(table), 5);
      // The last rows are deleted, so the largest id in the table is not the last generated one.
      await engine.write(async (db) => void (await sql`delete from organizations where id > 1`.execute(db)));
      await engine.write(async (db) => {
        await organization(db, explicit);
        await engine.advanceSequence(db, table, given);
      });
      assert.equal(await engine.lastId(table), next - 1);
      assert.equal(await engine.write((db) => organization(db)), next);
    });

  test('an empty table goes on behind what another database had given', async (t) => {
    const engine = await openEngine(t, name);
    assert.equal(await engine.lastId(table), 0);
    await engine.write((db) => engine.advanceSequence(db, table, 7));
    await engine.write((db) => engine.advanceSequence(db, table, 3));
    assert.equal(await engine.write((db) => organization(db)), 8);
  });
});
