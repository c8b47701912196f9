// `users import` and `users export` with files and pipes: no byte is lost, in any chunking.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import { fileFormats } from '../support/account-files.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { type EngineName, emptyPostgres, onEachEngine } from '../support/engines.ts';
import { startMuster } from '../support/spawn-muster.ts';
import { firstLine, imported, nobody, textOf } from '../support/streamed-accounts.ts';

const timeout = 180_000;

async function* atOnce(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

const listOf = (prefix: string, count: number) =>
  `[${textOf('ndjson', prefix, count).trimEnd().replaceAll('\r\n', ', ')}]`;

/** Chunks that end within a character, between CR and LF, and elsewhere. */
async function* slowly(text: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  let from = 0;
  for (const cut of [
    1,
    2,
    bytes.indexOf('\r') + 1,
    bytes.indexOf('ë') + 1,
    bytes.indexOf('😀') + 3,
    bytes.length >> 1,
  ]) {
    if (cut <= from || cut >= bytes.length) continue;
    yield bytes.subarray(from, cut);
    from = cut;
    await pause(20);
  }
  yield bytes.subarray(from);
}

onEachEngine((engine) => {
  for (const format of fileFormats) {
    test(`0, 1 and 20 rows of ${format} come in whole from a file, a pipe and a slow pipe`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      const ways = [0, 1, 20].flatMap((count) => ['file', 'pipe', 'slowpipe'].map((way) => ({ way, count })));
      // A few at a time, because each is a process.
      for (let i = 0; i < ways.length; i += 3)
        await Promise.all(
          ways.slice(i, i + 3).map(async ({ way, count }) => {
            const text = textOf(format, `${way}${count}n`, count);
            const file = join(muster.dataDir, `${way}${count}.${format}`);
            writeFileSync(file, text);
            const counts = await (way === 'file'
              ? imported(muster, [file])
              : imported(muster, ['-', '--format', format], way === 'pipe' ? atOnce(text) : slowly(text)));
            assert.deepEqual(counts, { ...nobody, rows: count, created: count }, way);
          }),
        );
      const rows = await onTables(
        readConfig({}, muster.env),
        `SELECT count(*) AS n FROM users WHERE first_name = 'Zoë' AND last_name = 'Čšž 😀'`,
      );
      assert.equal(rows[0]!.n, 63);
    });
  }

  test('an import of a JSON list on one line that is stopped by Ctrl-C goes on from a record, and few rows come in whole', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    const count = async () => {
      const [row] = await onTables(readConfig({}, muster.env), 'SELECT count(*) AS n FROM users');
      return row!.n;
    };
    const text = listOf('person', 1200);
    const held = Promise.withResolvers<void>();
    async function* heldOpen(): AsyncGenerator<Buffer> {
      yield Buffer.from(text);
      await held.promise;
    }
    const command = startMuster(['users', 'import', '-', '--format', 'json', '--json'], {
      env: muster.env,
      input: heldOpen(),
    });
    while ((await count()) !== 1000) await pause(20);
    command.signal('SIGINT');
    const { code, stderr } = await command.finished;
    held.resolve();
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^Stopped after record 1000\. To continue, add --from-record 1001\.$/m);
    const rest = await imported(muster, ['-', '--format', 'json', '--from-record', '1001'], slowly(text));
    assert.deepEqual(rest, { ...nobody, rows: 200, created: 200 });
    for (const few of [0, 1, 20]) {
      const file = join(muster.dataDir, `few${few}.json`);
      writeFileSync(file, listOf(`few${few}n`, few));
      assert.deepEqual(await imported(muster, [file]), { ...nobody, rows: few, created: few });
    }
    assert.equal(await count(), 1221);
  });

  for (const format of fileFormats) {
    test(`an import of ${format} that is stopped by Ctrl-C says which line goes on, and the rest is what it would have been`, {
      timeout,
    }, async (t) => {
      const muster = await commandLine(t, {}, engine);
      await muster.run('migrate');
      const count = async () => {
        const [row] = await onTables(readConfig({}, muster.env), 'SELECT count(*) AS n FROM users');
        return row!.n;
      };
      const text = textOf(format, 'person', 1200);
      const lines = text.split('\r\n');
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      async function* heldOpen(): AsyncGenerator<Buffer> {
        yield Buffer.from(text);
        await held;
      }
      const command = startMuster(['users', 'import', '-', '--format', format, '--json'], {
        env: muster.env,
        input: heldOpen(),
      });
      while ((await count()) !== 1000) await pause(20);
      command.signal('SIGINT');
      const { code, stdout, stderr } = await command.finished;
      release();
      assert.equal(code, 130, stderr);
      assert.deepEqual(JSON.parse(stdout), { ...nobody, rows: 1000, created: 1000 });
      const last = firstLine(format) + 999;
      assert.match(
        stderr,
        new RegExp(`^Stopped after line ${last}\\. To continue, add --from-line ${last + 1}\\.$`, 'm'),
      );
      assert.ok(lines[last - 1]!.includes('person999@'));
      const rest = await imported(
        muster,
        ['-', '--format', format, '--from-line', String(last + 1)],
        atOnce(text),
      );
      assert.deepEqual(rest, { ...nobody, rows: 200, created: 200 });
      assert.equal(await count(), 1200);
    });

    test(`an import of ${format} whose database fails says which line goes on`, { timeout }, async (t) => {
      const muster = await commandLine(t, await databaseOfOnesOwn(t, engine));
      await muster.run('migrate');
      const config = readConfig({}, muster.env);
      for (const statement of failing[engine]) await onTables(config, statement);
      const file = join(muster.dataDir, `people.${format}`);
      writeFileSync(file, textOf(format, 'person', 1200));
      const { code, stderr } = await muster.attempt('users', 'import', file, '--json');
      assert.equal(code, 1);
      const last = firstLine(format) + 499;
      assert.match(
        stderr,
        new RegExp(`^Stopped after line ${last}\\. To continue, add --from-line ${last + 1}\\.$`, 'm'),
      );
      await onTables(config, `DROP TRIGGER failing${engine === 'postgres' ? ' ON users' : ''}`);
      const rest = await imported(muster, [file, '--from-line', String(last + 1)]);
      // PostgreSQL writes two batches at once: the one after the batch that failed is there already.
      const existing = engine === 'postgres' ? 200 : 0;
      assert.deepEqual(rest, { ...nobody, rows: 700, created: 700 - existing, existing });
    });
  }
});

async function databaseOfOnesOwn(t: TestContext, engine: EngineName): Promise<Record<string, string>> {
  return engine === 'postgres' ? { MUSTER_DATABASE_URL: await emptyPostgres(t) } : {};
}

/** A trigger that fails at the 701st account. */
const failing: Readonly<Record<EngineName, readonly string[]>> = {
  sqlite: [
    `CREATE TRIGGER failing BEFORE INSERT ON users WHEN new.email = 'person700@x.com'
      BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END`,
  ],
  postgres: [
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is on fire'; END $$`,
    `CREATE TRIGGER failing BEFORE INSERT ON users FOR EACH ROW
      WHEN (new.email = 'person700@x.com') EXECUTE FUNCTION fail()`,
  ],
};
