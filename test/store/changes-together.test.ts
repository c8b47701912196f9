// On PostgreSQL, changes of single records that wait at the same time share a transaction, and so a commit.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { clearedPostgres, emptyPostgres, engines } from '../support/engines.ts';
import { connectTo, until, waitingProcesses } from '../support/postgres-outage.ts';
import { document, serveStore } from '../support/start-app.ts';

const accounts = 40;

/** A service with accounts, and a function that gives each of them the first name `New` at the same time. */
async function start(t: TestContext, databaseUrl: string) {
  const store = await openStore(readConfig({ databaseUrl, databaseTimeoutMs: '3600000' }, {}));
  t.after(() => store.close());
  const app = await serveStore(t, store);
  const { token } = await app.createUser({ sysadmin: true });
  const ids: number[] = [];
  for (let i = 0; i < accounts; i++) ids.push((await app.createUser()).id);
  const [client, watcher] = [await connectTo(t, databaseUrl), await connectTo(t, databaseUrl)];
  const renameOne = (id: number) =>
    app.request('PATCH', `/api/v2/users/${id}`, { token, body: document({ first_name: 'New' }) });
  const rename = async () => {
    const answers = await Promise.all(ids.map(renameOne));
    return answers.map(({ status }) => status);
  };
  const readOne = () => app.request('GET', `/api/v2/users/${ids[0]}`, { token });
  return { ids, client, watcher, rename, renameOne, readOne };
}

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('changes that wait at the same time are committed together', async (t) => {
    const { client, rename, readOne } = await start(t, await clearedPostgres(t));
    // Nobody writes before all changes wait.
    await client.query('BEGIN; LOCK TABLE users IN SHARE MODE');
    const renamed = rename();
    const waiting = `SELECT FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted`;
    await until(async () => (await client.query(waiting)).rowCount! > 0);
    // Later requests than the changes: when they are answered, the changes have arrived too.
    for (let i = 0; i < 3; i++) await readOne();
    await client.query('COMMIT');
    assert.deepEqual(new Set(await renamed), new Set([200]));
    const written = `SELECT count(*)::int AS changed, count(DISTINCT xmin::text)::int AS commits
      FROM users WHERE first_name = 'New'`;
    const [{ changed, commits }] = (await client.query(written)).rows;
    assert.equal(changed, accounts);
    assert.ok(commits < accounts / 2, `${commits} commits`);
  });

  test('a change that fails does not undo those that are committed with it, and none is made twice', async (t) => {
    // It changes the tables, so no other test gets this database.
    const { ids, client, rename } = await start(t, await emptyPostgres(t));
    const [refused, inConflict] = ids.slice(3);
    await client.query(`CREATE SEQUENCE attempts;
      CREATE FUNCTION stand_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF new.id = ${refused} THEN
            RAISE 'refused';
          ELSIF new.id = ${inConflict} AND nextval('attempts') < 4 THEN
            RAISE 'in conflict' USING ERRCODE = '40001';
          END IF;
          RETURN new;
        END
      $$;
      CREATE TRIGGER in_the_way BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION stand_in_the_way()`);
    const statuses = await rename();
    const { rows } = await client.query(
      `SELECT id::int, revision::int, first_name FROM users WHERE id = ANY ($1)`,
      [ids],
    );
    for (const [i, id] of ids.entries()) {
      const { revision, first_name } = rows.find((row) => row.id === id);
      assert.equal(statuses[i], id === refused ? 500 : 200);
      assert.equal(revision, id === refused ? 1 : 2);
      assert.equal(first_name === 'New', id !== refused);
    }
  });

  test('changes of accounts that are locked do not hold up those of others', async (t) => {
    const { ids, client, watcher, renameOne } = await start(t, await clearedPostgres(t));
    const locked = ids.slice(0, 3);
    await client.query('BEGIN');
    await client.query('SELECT FROM users WHERE id = ANY ($1) FOR UPDATE', [locked]);
    const held: Promise<{ status: number }>[] = [];
    for (const id of locked) {
      held.push(renameOne(id));
      await until(async () => (await waitingProcesses(watcher)).length === held.length);
    }
    for (const { status } of await Promise.all(ids.slice(3).map(renameOne))) assert.equal(status, 200);
    await client.query('COMMIT');
    for (const { status } of await Promise.all(held)) assert.equal(status, 200);
  });
});
