// Messages for operators of PostgreSQL: at the start, from `check`, from `info`, and instead of `backup`.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { engines } from '../support/chosen-engines.ts';
import { commandLine } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
import { connectTo, serveOn, startPostgres, until } from '../support/postgres-outage.ts';
import type { PostgresServer } from '../support/postgres-server.ts';

const timeout = 180_000;
const secret = 'a-secret-of-the-database';
const strong = {
  MUSTER_MIN_PASSWORD_LENGTH: '15',
  MUSTER_PORT: '0',
  MUSTER_LINK_SECRET: 'the secret of links in mails of this test',
};
const delayedDurability = ['fsync', 'full_page_writes', 'synchronous_commit'];

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('E3 check, info and the start say how the database is, and that it could lose commits', {
    timeout,
  }, async (t) => {
    const server = await startPostgres(t);
    const outside = await connectTo(t, server.url());
    const url = server.url().replace('muster@', `muster:${secret}@`);
    const muster = await commandLine(t, { ...strong, MUSTER_DATABASE_URL: url });
    const check = async (...args: string[]) => {
      const { code, stdout, stderr } = await muster.attempt('check', '--json', ...args);
      assert.equal(stderr, '');
      assert.ok(!stdout.includes(secret));
      const findings: { level: string; subject: string; finding: string }[] = JSON.parse(stdout);
      return {
        code,
        levels: findings.map(({ level }) => level),
        texts: findings.map(({ finding }) => finding),
      };
    };

    const empty = await check();
    assert.deepEqual(
      [empty.code, empty.levels, empty.texts],
      [1, ['error'], ['contains no tables of Muster; `muster serve` creates them']],
    );
    await muster.run('migrate');
    const [sound, info] = await Promise.all([check('--strict'), muster.json('info')]);
    assert.deepEqual(sound, { code: 0, levels: [], texts: [] });
    assert.equal(info.engine, 'postgres');
    assert.match(info.engine_version, /^\d+\.\d+/);
    assert.equal(info.database, server.url());
    assert.ok(info.size_bytes > 0);
    assert.equal(info.users, 0);

    for (const name of delayedDurability) await outside.query(`ALTER SYSTEM SET ${name} = off`);
    await reload(server, t);
    const crowded = await commandLine(t, {
      ...strong,
      MUSTER_DATABASE_URL: url,
      MUSTER_DATABASE_POOL: '1000',
    });
    const [weak, many, serving] = await Promise.all([
      check('--strict'),
      crowded.json('check'),
      serveOn(t, url),
    ]);
    assert.equal(weak.code, 1);
    assert.deepEqual(weak.levels, ['warning', 'warning', 'warning']);
    assert.match(many.at(-1).finding, /^allows 197 connections, but .* needs 1000 for all workers$/);
    for (const name of delayedDurability)
      assert.ok(weak.texts.includes(`PostgreSQL's ${name} is off: a crash can lose acknowledged writes`));
    const warnings = serving.log.filter(({ msg }) => msg === 'database not durable');
    assert.deepEqual(warnings.map(({ weakness }) => weakness).sort(), weak.texts.sort());
    await serving.stop();
    for (const name of delayedDurability) await outside.query(`ALTER SYSTEM RESET ${name}`);
    await reload(server, t);

    await outside.query(`UPDATE collections SET row_count = row_count + 5 WHERE name = 'users' AND slot = 0`);
    await outside.query(
      `INSERT INTO kysely_migration VALUES ('9999-of-the-future', '2100-01-01T00:00:00.000Z')`,
    );
    const damaged = await check();
    assert.equal(damaged.code, 1);
    assert.deepEqual(damaged.texts, [
      'the stored count of users is 6, but there are 1',
      'was made by a newer version (9999-of-the-future) of Muster: install that version',
    ]);

    await outside.query(`DELETE FROM kysely_migration WHERE name = '9999-of-the-future'`);
    await outside.query(`UPDATE collections SET row_count = row_count - 5 WHERE name = 'users' AND slot = 0`);

    // Privileges that a start needs and a role may lack.
    await outside.query(`CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`);
    const reader = await commandLine(t, {
      ...strong,
      MUSTER_DATABASE_URL: server.url().replace('muster@', 'reader@'),
    });
    const refused = await reader.attempt('check', '--json');
    assert.equal(refused.code, 1);
    assert.deepEqual(
      JSON.parse(refused.stdout).map(({ level, finding }: Record<string, string>) => [level, finding]),
      [['error', 'the role has no privilege to write to the tables']],
    );
    await outside.query('ALTER ROLE muster SET default_transaction_read_only = on');
    assert.deepEqual((await check()).texts, ['is read-only: transaction_read_only is on']);
    await outside.query(
      'SET transaction_read_only = off; ALTER ROLE muster RESET default_transaction_read_only',
    );

    await server.stop();
    const away = await check();
    assert.equal(away.code, 1);
    assert.deepEqual(away.levels, ['error']);
    assert.match(away.texts[0]!, /^cannot be used: .*ECONNREFUSED/);
  });

  test('backup and restore name the tools to use instead', { timeout }, async (t) => {
    const url = `postgres://muster:${secret}@127.0.0.1:1/postgres`;
    const muster = await commandLine(t, { MUSTER_DATABASE_URL: url });
    const file = join(await temporaryFolder(t), 'backup');
    for (const [command, tool] of [
      ['backup', /pg_dump/],
      ['restore', /pg_restore/],
    ] as const) {
      const complaint = await muster.fail(command, file);
      assert.match(
        complaint,
        /^muster: \w+ works only with SQLite, but MUSTER_DATABASE_URL is a PostgreSQL database/,
      );
      assert.match(complaint, tool);
      assert.ok(!complaint.includes(secret));
    }
  });
});

/** Waits until new connections see the change. */
async function reload(server: PostgresServer, t: TestContext): Promise<void> {
  const fsync = async () => {
    const { rows } = await (await connectTo(t, server.url())).query('SHOW fsync');
    return rows[0].fsync;
  };
  const before = await fsync();
  await (await connectTo(t, server.url())).query('SELECT pg_reload_conf()');
  await until(async () => (await fsync()) !== before);
}
