// `muster check` names a damaged index of texts, and `muster reindex` makes it anew beside a service.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Config, readConfig } from '../../src/config.ts';
import { inPlaceOf } from '../../src/delivery/scheduler.ts';
import { textJob } from '../../src/jobs.ts';
import { fold } from '../../src/model/text.ts';
import { openExistingEngine, openStore } from '../../src/open-store.ts';
import { reindexTexts } from '../../src/resources/operations/reindex-texts.ts';
import { users } from '../../src/resources/users/users.ts';
import type { Lease } from '../../src/store/leases.ts';
import { indexDifferences } from '../../src/store/sql/compare-texts.ts';
import type { Writes } from '../../src/store/store.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { serveStore } from '../support/start-app.ts';

const timeout = 180_000;
const never = new AbortController().signal;
const letters = [...'aabenrsß王伟김𠮷'];

interface Person {
  readonly id: number;
  first_name: string;
  readonly email: string;
}

/** A service with users whose texts are indexed, on a database that commands can use, too. */
async function start(t: TestContext, engine: EngineName) {
  const muster = await commandLine(t, {}, engine);
  const config = readConfig({}, muster.env);
  const store = await openStore(config);
  t.after(() => store.close());
  const app = await serveStore(t, store);
  const organizationId = await app.createOrganization('王 & Co');
  const { token } = await app.createUser({ sysadmin: true, email: 'root@y.example', organizationId });
  const known = new Map<number, Person>();
  let seed = 7;
  const text = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return [8, 12, 16, 20].map((bits) => letters[(seed >>> bits) % letters.length]).join('');
  };
  /** @param id by default the next one */
  const create = async (id?: number) => {
    const person = { first_name: text(), email: `${text()}${known.size}@x.example` };
    const values = { first_name: person.first_name, last_name: 'Q', ...(id && { id }) };
    const made = await app.createUser({ email: person.email, organizationId, values });
    known.set(made.id, { id: made.id, ...person });
  };
  const rename = async (id: number) => {
    const first_name = text();
    known.get(id)!.first_name = first_name;
    await store.write(({ records }) => records(users).update(id, { first_name }));
  };
  const remove = async (id: number) => {
    known.delete(id);
    await store.write(({ records }) => records(users).delete(id));
  };
  for (let i = 0; i < 60; i++) await create();
  // In other segments of PostgreSQL's index.
  for (const id of [5000, 5001, 20_000]) await create(id);
  const index = () => textJob(store).work({ write: store.write, signal: never });
  await index();
  return {
    muster,
    config,
    store,
    known,
    create,
    rename,
    remove,
    index,
    ids: () => [...known.keys()],
    /** Compares what the service finds with all texts. */
    async assertFinds(message: string) {
      for (const value of [...letters, 'aa', 'ab', 'ss', '王a', 'a王', '0@']) {
        for (const name of ['first_name', 'email'] as const) {
          const path = `/api/v2/users?filter[${name}][contains]=${encodeURIComponent(value)}&page[size]=100`;
          const { body } = await app.request('GET', path, { token });
          const found = body.data.map(({ attributes }: { attributes: Person }) => attributes.email);
          const wanted = [...known.values()]
            .toSorted((a, b) => a.id - b.id)
            .filter((person) => fold(person[name]).includes(fold(value)))
            .map(({ email }) => email);
          const others = found.filter((email: string) => email !== 'root@y.example');
          assert.deepEqual(others, wanted, `${message}: ${name} ${value}`);
        }
      }
    },
  };
}

const hexadecimal = (text: string) => Buffer.from(text).toString('hex');

const damages = (engine: EngineName, table: string) =>
  engine === 'sqlite'
    ? {
        removeOne: (id: number, gram: string) =>
          `INSERT INTO ${table}_grams (${table}_grams, rowid, grams) VALUES ('delete', ${id}, '${hexadecimal(gram)}')`,
        addOne: (id: number, gram: string) =>
          `INSERT INTO ${table}_grams (rowid, grams) VALUES (${id}, '${hexadecimal(gram)}')`,
        empty: `INSERT INTO ${table}_grams (${table}_grams) VALUES ('delete-all')`,
      }
    : {
        removeOne: (id: number, gram: string) =>
          `UPDATE ${table}_grams SET listed = array_remove(listed, ${id % 4096}::smallint), bits = set_bit(bits, ${id % 4096}, 0)
            WHERE gram = '${gram}' AND segment = ${Math.floor(id / 4096)}`,
        addOne: (id: number, gram: string) =>
          `INSERT INTO ${table}_grams AS kept (gram, segment, listed)
            VALUES ('${gram}', ${Math.floor(id / 4096)}, '{${id % 4096}}')
            ON CONFLICT (gram, segment) DO UPDATE SET listed = kept.listed || excluded.listed`,
        empty: `DELETE FROM ${table}_grams`,
      };

async function differences(config: Config) {
  const engine = await openExistingEngine(config);
  try {
    return await indexDifferences(engine, users);
  } finally {
    await engine.close();
  }
}

const damaged = (table: string, counts: string) =>
  `the index of short texts of ${table} is damaged (${counts}, or more); run \`muster reindex ${table}\``;

onEachEngine((engine) => {
  test('check names what is missing and what is too many, and reindex mends it', { timeout }, async (t) => {
    const { muster, config, known, rename, ids, assertFinds } = await start(t, engine);
    const errors = async () => (await findings(muster, 'error')).map(({ finding }) => finding);
    assert.deepEqual(await errors(), []);
    const run = async (statements: readonly string[]) => {
      for (const statement of statements) await onTables(config, statement);
    };
    const inUsers = damages(engine, 'users');
    const inPeople = damages(engine, 'people');
    const [first] = ids();
    await run([
      // `q` is the last name of everybody, and nobody has `zz`, also not behind the last row.
      inUsers.removeOne(first!, '*q'),
      inUsers.removeOne(20_000, '1q'),
      inUsers.addOne(first!, '*zz'),
      inUsers.addOne(900_000, '0a'),
      // As many as before, but of another row.
      inPeople.removeOne(3, '1q'),
      inPeople.addOne(900_001, '1q'),
      damages(engine, 'organizations').empty,
    ]);
    // Rows that are noted are compared by their notes.
    for (const id of ids().slice(10, 20)) await rename(id);
    const found = await errors();
    const ofOrganizations = found.find((finding) => finding.includes('organizations'))!;
    assert.match(
      ofOrganizations,
      /^the index of short texts of organizations is damaged \(missing entries: \d+, or more\); run/,
    );
    assert.deepEqual(
      found.filter((finding) => finding !== ofOrganizations),
      [
        damaged('users', 'missing entries: 2, wrong entries: 2'),
        damaged('people', 'missing entries: 1, wrong entries: 1'),
      ],
    );
    assert.equal((await muster.attempt('check', '--port', '0')).code, 1);

    const { code, stdout, stderr } = await muster.attempt('reindex', 'people', 'users', '--json');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Indexing users\n/);
    const trigrams = engine === 'sqlite' ? 'intact' : null;
    const rows = known.size + 1;
    assert.deepEqual(
      new Set(JSON.parse(stdout).map((row: object) => JSON.stringify(row))),
      new Set(['users', 'people'].map((table) => JSON.stringify({ table, rows, trigrams }))),
    );
    await assertFinds('after reindex');
    assert.deepEqual(await errors(), [ofOrganizations]);
    assert.equal((await muster.attempt('reindex')).code, 0);
    assert.deepEqual(await errors(), []);
    assert.deepEqual(await onTables(config, 'SELECT id FROM users_unindexed'), []);
    await assertFinds('at the end');
  });

  test('rows may change during reindex, and the job goes on after it', { timeout }, async (t) => {
    const { config, store, create, rename, remove, ids, index, assertFinds } = await start(t, engine);
    await onTables(config, damages(engine, 'users').empty);
    // Noted before, and again during the work.
    for (const id of ids().filter((_, i) => i % 5 === 0)) await rename(id);
    let turn = 0;
    const write: Writes['write'] = async (work, locks) => {
      turn++;
      const some = ids().filter((_, i) => i % 9 === turn % 9);
      for (const id of some.slice(0, -1)) await rename(id);
      await remove(some.at(-1)!);
      await create();
      return store.write(work, locks);
    };
    const count = await reindexTexts({ write, signal: never }, users, () => {});
    assert.ok(turn > 4 && count! > 50, `${turn} ${count}`);
    assert.deepEqual(await differences(config), []);
    await assertFinds('with notes');
    await index();
    assert.deepEqual(await differences(config), []);
    await assertFinds('indexed');
  });

  test('reindex that was stopped or killed can be repeated', { timeout }, async (t) => {
    const { config, store, index, rename, ids, assertFinds } = await start(t, engine);
    const stop = new AbortController();
    const stopped = { write: store.write, signal: stop.signal };
    assert.equal(await reindexTexts(stopped, users, () => stop.abort()), null);
    assert.deepEqual(await differences(config), []);
    let writes = 0;
    const write: Writes['write'] = (work, locks) => {
      if (++writes > 3) throw new Error('killed');
      return store.write(work, locks);
    };
    await assert.rejects(
      reindexTexts({ write, signal: never }, users, () => {}),
      /killed/,
    );
    assert.deepEqual(await differences(config), []);
    // The job runs, and then the next reindex.
    for (const id of ids().slice(0, 30)) await rename(id);
    await index();
    await onTables(config, damages(engine, 'users').empty);
    await reindexTexts({ write: store.write, signal: never }, users, () => {});
    assert.deepEqual(await differences(config), []);
    await assertFinds('at the end');
  });

  test('reindex waits until no process has the lease of the job', { timeout }, async (t) => {
    const { config, store } = await start(t, engine);
    await onTables(config, damages(engine, 'users').empty);
    const soon = Date.now() + 29_000;
    await onTables(
      config,
      `INSERT INTO leases (name, holder, expires_at, due_at) VALUES ('index-short-texts', 'another', ${soon}, 0)`,
    );
    const askedTwice = Promise.withResolvers<void>();
    let asked = 0;
    const leases = {
      waitMs(lease: Lease) {
        if (++asked === 2) askedTwice.resolve();
        return store.read.leases.waitMs(lease);
      },
    };
    const waiting = { write: store.write, read: { ...store.read, leases } };
    let rows: number | null = null;
    const reindex = inPlaceOf(waiting, textJob(store), never, async (run) => {
      rows = await reindexTexts(run, users, () => {});
    });
    await Promise.race([askedTwice.promise, reindex]);
    assert.equal(rows, null);
    assert.ok((await differences(config)).length > 0);
    await onTables(config, 'UPDATE leases SET holder = null');
    await reindex;
    assert.ok(rows! > 50);
    assert.deepEqual(await differences(config), []);
  });

  if (engine === 'sqlite') {
    test('check and reindex know the index of trigrams, too', { timeout }, async (t) => {
      const { muster, config, ids, assertFinds } = await start(t, engine);
      const [id] = ids();
      await onTables(
        config,
        `INSERT INTO users_search (users_search, rowid, first_name_key, last_name_key, email_key)
          SELECT 'delete', id, first_name_key, last_name_key, email_key FROM users WHERE id = ${id}`,
      );
      const [error, ...others] = await findings(muster, 'error');
      assert.match(
        error!.finding,
        /^the index of trigrams of users is damaged \(missing entries: \d+, or more\)/,
      );
      assert.deepEqual(others, []);
      const { stdout } = await muster.attempt('reindex', 'users', '--json');
      assert.equal(JSON.parse(stdout)[0].trigrams, 'repaired');
      assert.deepEqual(await findings(muster, 'error'), []);
      await assertFinds('at the end');
    });
  } else {
    test('check names an index that PostgreSQL does not use', { timeout }, async (t) => {
      const { muster, config } = await start(t, engine);
      const set = (isValid: boolean) =>
        onTables(
          config,
          `UPDATE pg_index SET indisvalid = ${isValid} WHERE indexrelid = 'users_search'::regclass`,
        );
      await set(false);
      t.after(() => set(true));
      const [found] = await findings(muster, 'error');
      assert.match(
        found!.finding,
        /^the index users_search is not valid; run REINDEX INDEX CONCURRENTLY users_search/,
      );
    });
  }

  test('reindex knows which tables have an index', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    assert.match(await muster.fail('reindex', 'events'), /events has no index .* users, /);
  });
});
