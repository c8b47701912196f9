// On PostgreSQL, a transaction is retried as a whole after a conflict with another transaction. Other failures are
// not retried.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '../../src/config.ts';
import { StoreUnavailable, UniqueViolation } from '../../src/store/errors.ts';
import { openPostgres } from '../../src/store/postgres/engine.ts';
import type { Database, Engine } from '../../src/store/sql/engine.ts';
import { engines } from '../support/chosen-engines.ts';
import { clearedPostgres } from '../support/engines.ts';

async function openEngine(t: TestContext): Promise<Engine> {
  const engine = await openPostgres(await clearedPostgres(t), readConfig({}, {}));
  t.after(() => engine.close());
  return engine;
}

/** An error as the server reports it. */
const failWith = (db: Database, code: string) =>
  sql`${sql.raw(`DO $$ BEGIN RAISE 'in the way' USING ERRCODE = '${code}'; END $$`)}`.execute(db);

const keep = (db: Database, name: string) =>
  db.insertInto('secrets').values({ name, value: 'any' }).execute();

const kept = async (engine: Engine) =>
  (await engine.reader.selectFrom('secrets').select('name').orderBy('name').execute()).map(
    ({ name }) => name,
  );

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  for (const [what, code] of [
    ['a serialization failure', '40001'],
    ['a deadlock', '40P01'],
  ] as const) {
    test(`a write that ends in ${what} is made again from its beginning, and kept once`, async (t) => {
      const engine = await openEngine(t);
      let attempts = 0;
      const value = await engine.write(async (db) => {
        await keep(db, `attempt ${++attempts}`);
        if (attempts < 4) await failWith(db, code);
        return attempts;
      });
      assert.equal(value, 4);
      assert.deepEqual(await kept(engine), ['attempt 4']);
    });

    test(`a write that always ends in ${what} is given up after twelve attempts, with nothing kept`, async (t) => {
      const engine = await openEngine(t);
      let attempts = 0;
      const write = engine.write(async (db) => {
        await keep(db, `attempt ${++attempts}`);
        await failWith(db, code);
      });
      await assert.rejects(write, StoreUnavailable);
      assert.equal(attempts, 12);
      assert.deepEqual(await kept(engine), []);
    });
  }

  test('a write that refers to a row which another transaction deletes is decided again without it', async (t) => {
    const engine = await openEngine(t);
    const values = { name: 'Example', slug: 'example', created_at: 0 };
    const { id } = await engine.write((db) =>
      db.insertInto('organizations').values(values).returning('id').executeTakeFirstOrThrow(),
    );
    let attempts = 0;
    const outcome = await engine.write(async (db) => {
      attempts++;
      const found = await db.selectFrom('organizations').select('id').where('id', '=', id).executeTakeFirst();
      if (found === undefined) return 'not a known organization';
      await engine.write((other) => other.deleteFrom('organizations').where('id', '=', id).execute());
      await db.insertInto('organization_renames').values({ organization_id: id, last_user_id: 0 }).execute();
      return 'kept';
    });
    assert.deepEqual([outcome, attempts], ['not a known organization', 2]);
  });

  test('what fails by itself is tried once', async (t) => {
    const engine = await openEngine(t);
    let attempts = 0;
    const write = (fail: (db: Database) => Promise<unknown>) =>
      engine.write(async (db) => {
        attempts++;
        await fail(db);
      });
    await assert.rejects(
      write((db) => failWith(db, '23505')),
      UniqueViolation,
    );
    await assert.rejects(
      write((db) => failWith(db, '22012')),
      /in the way/,
    );
    // After a statement timeout a retry would take as long again.
    await assert.rejects(
      write((db) => failWith(db, '55P03')),
      StoreUnavailable,
    );
    assert.equal(attempts, 3);
  });

  test('two writes that lock two rows in opposite orders are both kept', async (t) => {
    const engine = await openEngine(t);
    for (const name of ['a', 'b']) await engine.write((db) => keep(db, name));
    const append = (db: Database, name: string) =>
      sql`update secrets set value = value || '+' where name = ${name}`.execute(db);
    // In the first attempt, each takes its first lock and waits until the other has its own.
    let first = 0;
    const both = Promise.withResolvers<void>();
    const write = (one: string, other: string) => {
      let isFirst = true;
      return engine.write(async (db) => {
        await append(db, one);
        if (isFirst && ++first === 2) both.resolve();
        if (isFirst) await both.promise;
        isFirst = false;
        await append(db, other);
      });
    };
    await Promise.all([write('a', 'b'), write('b', 'a')]);
    const rows = await engine.reader.selectFrom('secrets').select('value').execute();
    assert.deepEqual(
      rows.map(({ value }) => value),
      ['any++', 'any++'],
    );
  });

  test('a read in whose way another transaction was is asked again', async (t) => {
    const engine = await openEngine(t);
    await sql`create sequence attempts`.execute(engine.reader);
    await sql`${sql.raw(`
      create function fail_twice() returns bigint language plpgsql as $$
      declare attempt bigint := nextval('attempts');
      begin
        if attempt < 3 then raise 'in the way' using errcode = '40001'; end if;
        return attempt;
      end $$`)}`.execute(engine.reader);
    const { rows } = await sql<{ attempt: number }>`select fail_twice() as attempt`.execute(engine.reader);
    assert.deepEqual(rows, [{ attempt: 3 }]);
    await sql`drop function fail_twice; drop sequence attempts`.execute(engine.reader).catch(() => {});
  });
});
