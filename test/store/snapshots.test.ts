// Long reads see one state, while others go on writing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openEngine } from '../../src/open-store.ts';
import type { Database } from '../../src/store/sql/engine.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';

async function secretsIn(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from secrets order by name`.execute(db);
  return rows.map(({ name }) => name);
}

onEachEngine((engine) => {
  test('a snapshot shows the state at its first read, to its end and to nobody else', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const database = await openEngine(config);
    t.after(() => database.close());
    const keep = (name: string) =>
      database.write((db) => db.insertInto('secrets').values({ name, value: '' }).execute());
    await keep('first');
    const seen = await database.snapshot(async (reader) => {
      const before = await secretsIn(reader);
      await keep('second');
      return [before, await secretsIn(reader), await secretsIn(database.reader)];
    });
    assert.deepEqual(seen, [['first'], ['first'], ['first', 'second']]);
    assert.deepEqual(await database.snapshot(secretsIn), ['first', 'second']);
  });

  test('a snapshot ends with the error of its reader, and the connection is as before', async (t) => {
    const database = await openEngine(await emptyDatabaseConfig(t, engine));
    t.after(() => database.close());
    await assert.rejects(
      database.snapshot(async (reader) => {
        await secretsIn(reader);
        throw new Error('the disk is full');
      }),
      /^Error: the disk is full$/,
    );
    await assert.rejects(
      database.snapshot((reader) => sql`delete from secrets`.execute(reader)),
      /read.?only/i,
    );
    assert.deepEqual(await database.snapshot(secretsIn), []);
  });
});
