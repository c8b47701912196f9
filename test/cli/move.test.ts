// `muster move`: copies a whole service to another database, between any engines.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, readConfig } from '../../src/config.ts';
import { databaseFile, openStore } from '../../src/open-store.ts';
import { resources } from '../../src/resources/resources.ts';
import { users } from '../../src/resources/users/users.ts';
import { knownMigrations } from '../../src/store/migrations/migrations.ts';
import { allTables, isCarried } from '../../src/store/sql/tables.ts';
import { onTables, rowsOf, tablesOf, urlOf } from '../support/database-rows.ts';
import {
  type EngineName,
  emptyDatabaseConfig,
  emptyPostgres,
  engines,
  temporaryFolder,
} from '../support/engines.ts';
import { fillService, onService } from '../support/full-service.ts';
import { setMember } from '../support/members.ts';
import { runResident } from '../support/resident-commands.ts';
import { type Command, type Finished, runMuster, startMuster } from '../support/spawn-muster.ts';
import { document, type TestApp } from '../support/start-app.ts';

const timeout = 180_000;
const carried = allTables(resources).filter(isCarried);
const names = carried.map(({ name }) => name).sort();
const namesWithIds = carried.filter(({ move }) => move.givesIds).map(({ name }) => name);
const ways = engines.flatMap((from) => engines.map((to): [EngineName, EngineName] => [from, to]));

/** Runs it with `--json`. */
async function moving(source: Config, target: Config) {
  const args = ['move', '--from', urlOf(source), '--to', urlOf(target), '--json'];
  const { code, stdout, stderr } = await runResident({ args, env: {} });
  assert.doesNotMatch(stderr, /^ +at /m);
  return { code, stderr, tables: stdout === '' ? null : JSON.parse(stdout) };
}

async function moved(source: Config, target: Config) {
  const { code, stderr, tables } = await moving(source, target);
  assert.equal(code, 0, stderr);
  return tables;
}

async function contents(config: Config): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {};
  for (const name of names) tables[name] = await rowsOf(config, name);
  return tables;
}

describe('muster move', () => {
  for (const [from, to] of ways) {
    test(`carries everything from ${from} to ${to}, and the service goes on there`, {
      timeout,
    }, async (t) => {
      const [source, target] = [await emptyDatabaseConfig(t, from), await emptyDatabaseConfig(t, to)];
      const made = await fillService(t, source);
      const before = await contents(source);
      const tables = await moved(source, target);

      const after = await contents(target);
      for (const name of names) {
        const expected = before[name] as { name?: unknown }[];
        assert.ok(expected.length > 0, name);
        // ETags of lists start with a new secret.
        const kept = name === 'secrets' ? expected.filter((row) => row.name !== 'etags') : expected;
        assert.deepEqual(after[name], kept, name);
      }
      assert.deepEqual(await contents(source), before);
      assert.deepEqual(
        tables.map(({ table, rows, same }: Record<string, unknown>) => [table, rows, same]).sort(),
        names.map((name) => [name, (after[name] as unknown[]).length, true]),
      );
      assert.equal(new Set(tables.map(({ sha256 }: Record<string, unknown>) => sha256)).size, names.length);

      await onService(t, target, async ({ store, request, createUser, createOrganization, clock }) => {
        const { token } = made;
        clock.now += 60_000;
        const found = await request('GET', '/api/v2/users?filter[query]=rson149', { token });
        assert.equal(found.body.data.length, 11);
        const list = await request('GET', '/api/v2/users', { token });
        assert.equal(list.body.meta.total_count, 1501);
        const change = (current_password: string) =>
          request('PATCH', `/api/v2/users/${made.id}/update_password`, {
            token,
            body: document({ current_password, password: 'another one of hers' }),
          });
        assert.equal((await change('wrong horse battery')).status, 422);
        assert.equal((await change('correct horse battery')).status, 200);

        const next = await createUser({ email: 'next@email.com' });
        assert.equal(next.id, made.deletedId + 1);
        assert.equal((await store.read.sessions.list(next.id))[0]!.id, made.deletedTokenId + 1);
        assert.equal(await createOrganization('Third'), 3);

        // Who comes back is the same person. A new person and a new membership get ids that nothing has had.
        const lastId = (name: string) => Math.max(...(before[name] as { id: number }[]).map((row) => row.id));
        const join = async (userId: number) => {
          await store.write((transaction) => setMember(transaction, 2, userId, 'member', clock.now));
          return (await store.read.memberships.list({ organizationId: 2, userId }, 1))[0]!;
        };
        const back = await join(made.id + 3);
        assert.deepEqual(
          [back.id, back.person_id],
          [lastId('organization_memberships') + 3, lastId('people')],
        );
        assert.ok((await join(next.id)).person_id > lastId('people'));
      });
    });
  }

  for (const [from, to] of ways) {
    test(`gives no id again that the target has given, from ${from} to ${to}`, { timeout }, async (t) => {
      const [source, target] = [await emptyDatabaseConfig(t, from), await emptyDatabaseConfig(t, to)];
      await onService(t, source, async ({ createOrganization, createUser }) => {
        await createUser({ organizationId: await createOrganization() });
      });
      await (await openStore(target)).close();
      for (const name of namesWithIds) await onTables(target, setSequence(to, name, 5000));

      await moved(source, target);
      await onService(t, target, async ({ store, createOrganization, createUser }) => {
        assert.equal(await createOrganization(), 5001);
        const { id } = await createUser({ email: 'next@email.com' });
        assert.equal(id, 5001);
        assert.equal((await store.read.sessions.list(id))[0]!.id, 5001);
      });
    });
  }

  // Run with one target: the other tests cover each engine as source and as target.
  for (const engine of engines.slice(-1)) {
    test('goes on behind the first organization, user and token', { timeout }, async (t) => {
      const [source, target] = [
        await emptyDatabaseConfig(t, engine),
        await emptyDatabaseConfig(t, engines.at(-1)!),
      ];
      await onService(t, source, async ({ createOrganization, createUser }) => {
        await createUser({ organizationId: await createOrganization() });
      });
      await moved(source, target);
      await onService(t, target, async ({ store, createOrganization, createUser }) => {
        assert.equal(await createOrganization(), 2);
        const { id } = await createUser({ email: 'second@email.com' });
        assert.equal(id, 2);
        assert.equal((await store.read.sessions.list(id))[0]!.id, 2);
      });
    });

    test('is killed in the middle, run again, and nothing is missing and nothing there twice', {
      timeout,
    }, async (t) => {
      const count = 15_000;
      const [source, target] = await peopleToMove(t, engine, count);
      const first = await interrupted(source, target, count, async ({ signal }) => signal('SIGKILL'));
      assert.equal(first.signal, 'SIGKILL');

      await moved(source, target);
      for (const name of names)
        assert.deepEqual(await rowsOf(target, name), await rowsOf(source, name), name);
      const store = await openStore(target);
      const { rowCount } = await store.read.records(users).state();
      await store.close();
      assert.equal(rowCount, count);
      // Again: nothing is left to do.
      await moved(source, target);
    });

    test('leaves a target alone that holds other data', { timeout }, async (t) => {
      const source = await emptyDatabaseConfig(t, engines[0]!);
      await fillService(t, source);
      const foreign: ((app: TestApp) => Promise<unknown>)[] = [
        // The rows that the first start of another service creates.
        async ({ createOrganization, createUser }) =>
          createUser({
            email: 'admin@example.com',
            organizationId: await createOrganization(),
            sysadmin: true,
          }),
        ({ createUser }) => createUser({ email: 'somebody@email.com' }),
        ({ store }) => store.write((transaction) => transaction.secrets.keep('cursors', 'another')),
      ];
      for (const make of foreign) {
        const target = await emptyDatabaseConfig(t, engine);
        await onService(t, target, make);
        const before = await contents(target);
        const { code, stderr, tables } = await moving(source, target);
        assert.equal(code, 1);
        assert.equal(tables, null);
        assert.match(
          stderr,
          /^muster: The target contains other data than the source \((organizations|users|secrets) /m,
        );
        assert.deepEqual(await contents(target), before);
      }
    });

    test('does not migrate a target of an older version: a service may run on it', { timeout }, async (t) => {
      const source = await emptyDatabaseConfig(t, engines[0]!);
      await fillService(t, source);
      const target = await emptyDatabaseConfig(t, engine);
      await (await openStore(target)).close();
      const last = knownMigrations.at(-1)!;
      await onTables(target, `DELETE FROM kysely_migration WHERE name = '${last}'`);
      const before = await contents(target);
      const { code, stderr } = await moving(source, target);
      assert.equal(code, 1);
      assert.match(stderr, /^muster: the target cannot be used: it is not at this version \(/m);
      assert.deepEqual(await contents(target), before);
    });

    test('takes for other data what has changed since, and what the source has no more', {
      timeout,
    }, async (t) => {
      const [source, target] = [
        await emptyDatabaseConfig(t, engines[0]!),
        await emptyDatabaseConfig(t, engine),
      ];
      const { id, deletedId } = await fillService(t, source);
      await moved(source, target);
      await onTables(target, `UPDATE users SET newsletter_consent = false WHERE id = ${id}`);
      assert.match((await moving(source, target)).stderr, new RegExp(`other data .*\\(users ${id} `));
      await onTables(target, `UPDATE users SET newsletter_consent = true WHERE id = ${id}`);
      await moved(source, target);
      await onTables(source, `DELETE FROM users WHERE id = ${deletedId - 1}`);
      assert.match(
        (await moving(source, target)).stderr,
        new RegExp(`other data .*\\(users ${deletedId - 1} `),
      );
    });

    test('compares in the end, and fails where a value or a row is not the same', { timeout }, async (t) => {
      const source = await emptyDatabaseConfig(t, engines[0]!);
      const { id } = await fillService(t, source);
      const meddlers = [
        {
          table: 'users',
          key: `${id + 5}`,
          rows: [1501, 1501],
          meddle: meddling(engine, 'users', `id = ${id + 5}`),
        },
        { table: 'passwords', key: `${id}`, rows: [1, 0], meddle: losing(engine, 'passwords') },
      ];
      for (const { table, key, rows, meddle } of meddlers) {
        const target = await emptyDatabaseConfig(t, engine);
        await (await openStore(target)).close();
        for (const statement of meddle) await onTables(target, statement);
        const { code, stderr, tables } = await moving(source, target);
        assert.equal(code, 1);
        assert.match(stderr, /^muster: The target differs from the source/m);
        assert.ok(
          stderr.includes(
            `${table}: ${rows[0]} rows in the source, ${rows[1]} in the target; first difference: ${key}\n`,
          ),
          stderr,
        );
        const differing = tables.filter(({ same }: { same: boolean }) => !same);
        assert.deepEqual(
          differing.map((row: Record<string, unknown>) => [row.table, row.rows, row.rows_in_target]),
          [[table, ...rows]],
        );
        for (const { same, sha256, sha256_in_target } of tables)
          assert.equal(sha256 === sha256_in_target, same);
      }
    });

    test('refuses to move a database into itself', { timeout }, async (t) => {
      const config = await emptyDatabaseConfig(t, engine);
      await (await openStore(config)).close();
      const { code, stderr } = await moving(config, config);
      assert.equal(code, 1);
      assert.equal(stderr, 'muster: The source and the target are the same database\n');
    });

    test('makes nothing where the source is none', { timeout }, async (t) => {
      const [source, target] = [
        await emptyDatabaseConfig(t, engine),
        readConfig({ dataDir: await temporaryFolder(t) }, {}),
      ];
      const { code, stderr } = await moving(source, target);
      assert.equal(code, 1);
      assert.match(stderr, /^muster: the source cannot be used: /);
      assert.ok(!existsSync(databaseFile(target)));
      if (engine === 'postgres') assert.deepEqual(await tablesOf(source), []);
      else assert.ok(!existsSync(databaseFile(source)));
    });
  }

  test('says that it can go on when it loses the server, and does', {
    timeout,
    skip: !engines.includes('postgres'),
  }, async (t) => {
    const users = 10_000;
    const [source, target] = await peopleToMove(t, 'postgres', users);
    const first = await interrupted(source, target, users, async () => {
      await onTables(
        target,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    });
    assert.equal(first.code, 1);
    assert.match(first.stderr, /^muster: Stopped: .*\. To continue, run the same command again\.$/m);
    assert.doesNotMatch(first.stderr, /^ +at /m);
    await moved(source, target);
    assert.deepEqual(await rowsOf(target, 'users'), await rowsOf(source, 'users'));
  });

  test('moves what the settings name where it is told no other source', { timeout }, async (t) => {
    const source = readConfig({ dataDir: await temporaryFolder(t) }, {});
    await fillService(t, source);
    const target = readConfig({ dataDir: await temporaryFolder(t) }, {});
    const { code, stdout, stderr } = await runMuster(['move', '--to', urlOf(target)], {
      env: { MUSTER_DATA_DIR: source.dataDir },
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^users +1501 +1501 +yes +[0-9a-f]{64}$/m);
    assert.match(stderr, /rows\/s/);
    assert.deepEqual(await rowsOf(target, 'users'), await rowsOf(source, 'users'));
  });

  test('prints no password of a URL, whatever happens', {
    timeout,
    skip: !engines.includes('postgres'),
  }, async (t) => {
    const password = 'pass-of-the-url';
    const withPassword = (url: string) => {
      const changed = new URL(url);
      changed.password = password;
      return changed.href;
    };
    const empty = withPassword(await emptyPostgres(t));
    const foreign = withPassword(await emptyPostgres(t));
    const folder = await temporaryFolder(t);
    const source = readConfig({ dataDir: folder }, {});
    await fillService(t, source);
    await onService(t, readConfig({ databaseUrl: foreign }, {}), ({ createUser }) => createUser());
    const here = urlOf(source);
    const nowhere = `sqlite:${join(folder, 'other.db')}`;
    const attempts: [code: number, from: string, to: string][] = [
      [0, here, empty],
      [1, here, foreign],
      [1, here, `postgres://muster:${password}@127.0.0.1:1/none`],
      [1, `postgres://muster:${password}@127.0.0.1:1/none`, nowhere],
      [1, here, `postgres://muster:${password}%@127.0.0.1/none`],
      [1, `postgres:muster:${password}@127.0.0.1/none`, nowhere],
      [1, here, empty.replace(/\/muster_\w+$/, '/no_such_database')],
    ];
    for (const [code, from, to] of attempts) {
      const finished = await runMuster(['move', '--from', from, '--to', to]);
      assert.equal(finished.code, code, finished.stderr);
      assert.doesNotMatch(finished.stdout + finished.stderr, /pass-of-the-url|^ +at /m);
    }
  });
});

/** A database of the other engine, if it is tested, and an empty one. */
async function peopleToMove(t: TestContext, engine: EngineName, users: number): Promise<[Config, Config]> {
  const other = engines.find((name) => name !== engine) ?? engine;
  const [source, target] = [await emptyDatabaseConfig(t, other), await emptyDatabaseConfig(t, engine)];
  const env = { MUSTER_DATABASE_URL: urlOf(source) };
  const { code, stderr } = await runMuster(['demo', '--users', String(users), '--create'], { env });
  assert.equal(code, 0, stderr);
  return [source, target];
}

/**
 * Interrupts a move when the first users have arrived.
 * @returns how it ended, before all had arrived
 */
async function interrupted(
  source: Config,
  target: Config,
  users: number,
  interrupt: (command: Command) => Promise<void>,
): Promise<Finished> {
  const command = startMuster(['move', '--from', urlOf(source), '--to', urlOf(target)]);
  const arrived = async () => {
    // At first the table does not exist.
    const rows = await onTables(target, 'SELECT count(*) AS count FROM users').catch(() => []);
    return Number(rows[0]?.count ?? 0);
  };
  let ended = false;
  void command.finished.then(() => {
    ended = true;
  });
  while (!ended && (await arrived()) === 0) await sleep(10);
  await interrupt(command);
  const finished = await command.finished;
  const some = await arrived();
  assert.ok(some > 0 && some < users, `${some} had arrived\n${finished.stderr}`);
  return finished;
}

/** A trigger that changes a row during the move. */
function meddling(engine: EngineName, table: string, where: string): string[] {
  if (engine === 'sqlite')
    return [
      `CREATE TRIGGER meddler AFTER INSERT ON ${table} BEGIN UPDATE ${table} SET last_name = 'other' WHERE ${where}; END`,
    ];
  return [
    `CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN UPDATE ${table} SET last_name = 'other' WHERE ${where}; RETURN NULL; END $$`,
    `CREATE TRIGGER meddler AFTER INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION meddle()`,
  ];
}

/** A trigger that refuses all rows. */
function losing(engine: EngineName, table: string): string[] {
  if (engine === 'sqlite')
    return [`CREATE TRIGGER loser BEFORE INSERT ON ${table} BEGIN SELECT RAISE(IGNORE); END`];
  return [
    `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`,
    `CREATE TRIGGER loser BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION lose()`,
  ];
}

/** Sets the sequence as if ids up to `last` had been generated and deleted. */
function setSequence(engine: EngineName, table: string, last: number): string {
  return engine === 'sqlite'
    ? `INSERT INTO sqlite_sequence (name, seq) VALUES ('${table}', ${last})`
    : `SELECT setval(pg_get_serial_sequence('${table}', 'id'), ${last})`;
}
