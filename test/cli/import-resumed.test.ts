// The line from which a stopped import says to continue: the first record that was not imported.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Config, readConfig } from '../../src/config.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { type EngineName, emptyPostgres, onEachEngine } from '../support/engines.ts';

const timeout = 180_000;
const count = 1700;
const batch = 500;

/** Each record has two lines. The last record of the first batch and the first one of the next are refused. */
const refused = [batch - 1, batch];
const csv = [
  'email,first_name,last_name,preferences\n',
  ...Array.from({ length: count }, (_, i) => {
    const email = refused.includes(i) ? 'nobody' : `person${i}@x.com`;
    return `${email},Ann,Lee,"{""a"":\n${i}}"\n`;
  }),
].join('');
const lineOf = (i: number) => 2 + 2 * i;

onEachEngine((engine) => {
  test('an import that stops goes on from the line that it names, with every record once, though records span lines', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, await databaseOfOnesOwn(t, engine));
    await muster.run('migrate');
    const config = readConfig({}, muster.env);
    const file = join(muster.dataDir, 'people.csv');
    writeFileSync(file, csv);

    let from = 1;
    const said: number[] = [];
    // PostgreSQL writes two batches at once: the one after the first that fails is there already.
    const stops = [batch + 200, 3 * batch + 100];
    for (const stop of stops) {
      await failAt(config, engine, `person${stop}@x.com`);
      const { code, stderr } = await muster.attempt('users', 'import', file, '--from-line', String(from));
      assert.equal(code, 1);
      const [, last, next] = /^Stopped after line (\d+)\. To continue, add --from-line (\d+)\.$/m.exec(
        stderr,
      )!;
      assert.equal(Number(next), Number(last) + 1);
      said.push(Number(last));
      from = Number(next);
      await failNoMore(config, engine);
    }
    // The second run begins with the first record of the second batch.
    assert.deepEqual(said, [lineOf(batch - 1), lineOf(3 * batch - 1)]);
    const { stdout } = await muster.attempt(
      ...['users', 'import', file, '--from-line', String(from), '--json'],
    );
    assert.deepEqual(JSON.parse(stdout), { rows: 200, created: 200, existing: 0, refused: 0 });
    const rows = await onTables(config, 'SELECT email, preferences FROM users ORDER BY id');
    assert.equal(rows.length, count - refused.length);
    for (const { email, preferences } of rows)
      assert.equal(email, `person${JSON.parse(String(preferences)).a}@x.com`);
  });
});

async function databaseOfOnesOwn(t: TestContext, engine: EngineName): Promise<Record<string, string>> {
  return engine === 'postgres' ? { MUSTER_DATABASE_URL: await emptyPostgres(t) } : {};
}

/** A trigger that refuses to insert this account. */
async function failAt(config: Config, engine: EngineName, email: string): Promise<void> {
  if (engine === 'sqlite') {
    await onTables(
      config,
      `CREATE TRIGGER failing BEFORE INSERT ON users WHEN new.email = '${email}'
        BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END`,
    );
    return;
  }
  await onTables(
    config,
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is on fire'; END $$`,
  );
  await onTables(
    config,
    `CREATE TRIGGER failing BEFORE INSERT ON users FOR EACH ROW
      WHEN (new.email = '${email}') EXECUTE FUNCTION fail()`,
  );
}

async function failNoMore(config: Config, engine: EngineName): Promise<void> {
  await onTables(config, engine === 'sqlite' ? 'DROP TRIGGER failing' : 'DROP FUNCTION fail() CASCADE');
}
