// One PostgreSQL server for all tests of a run; tests have their own databases in it. `node --test` starts it before
// the first test and stops it after the last one. Set MUSTER_TEST_POSTGRES_URL to use another server.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { engines } from './chosen-engines.ts';
import { makePostgres, type PostgresServer } from './postgres-server.ts';

let own: { server: PostgresServer; folder: string } | undefined;

export async function globalSetup(): Promise<void> {
  // The compile cache of Node is the same in every test process.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'muster-test-compile-cache');
  if (!engines.includes('postgres') || process.env.MUSTER_TEST_POSTGRES_URL) return;
  const folder = mkdtempSync(join(tmpdir(), 'muster-postgres-'));
  // Not durable: nothing must survive the run. Tests of crashes have their own servers with durable settings.
  const server = await makePostgres(folder, {
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  await server.start();
  own = { server, folder };
  process.env.MUSTER_TEST_POSTGRES_URL = server.url();
  process.env.MUSTER_TEST_POSTGRES_TEMPLATE = await makeTemplate(server);
}

/** A database at this version, which tests copy. */
async function makeTemplate(server: PostgresServer): Promise<string> {
  const name = 'muster_template';
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  await (await openStore(readConfig({ databaseUrl: server.url(name) }, {}))).close();
  return name;
}

export async function globalTeardown(): Promise<void> {
  if (own === undefined) return;
  await own.server.stop();
  rmSync(own.folder, { recursive: true, force: true });
}
