// One PostgreSQL for all tests of a run, in which each has databases of its own. `node --test` starts it before the first
// of them and stops it after the last; MUSTER_TEST_POSTGRES_URL names another one to use instead.

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
  // What Node makes of the source is the same in every test's process.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'muster-test-compile-cache');
  if (!engines.includes('postgres') || process.env.MUSTER_TEST_POSTGRES_URL) return;
  const folder = mkdtempSync(join(tmpdir(), 'muster-postgres-'));
  // Nothing of it is to outlive the run. What is about crashes has a server of its own, with its settings as they are.
  const server = await makePostgres(folder, {
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  await server.start();
  own = { server, folder };
  process.env.MUSTER_TEST_POSTGRES_URL = server.url();
  process.env.MUSTER_TEST_POSTGRES_TEMPLATE = await makeTemplate(server);
}

/** A database at this version, for tests to copy. */
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
