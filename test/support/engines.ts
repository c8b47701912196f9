// Empty databases of the engines that every suite runs on.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import pg from 'pg';
import { openStore } from '../../src/cli/open-store.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { Store } from '../../src/store/store.ts';
import { type EngineName, engines } from './chosen-engines.ts';

export { type EngineName, engines };

/** The same suite on each engine. */
export function onEachEngine(suite: (engine: EngineName) => void): void {
  for (const engine of engines) describe(`on ${engine}`, () => suite(engine));
}

/** An empty folder that goes when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty database of the engine, at this version, that goes when the test ends. */
export async function emptyStore(t: TestContext, engine: EngineName): Promise<Store> {
  const open = await emptyDatabase(t, engine);
  return open();
}

/** Opens one and the same database, empty at first, as often as a test likes. Stores still open are closed at its end. */
export async function emptyDatabase(
  t: TestContext,
  engine: EngineName,
  settings: Partial<Config> = {},
): Promise<() => Promise<Store>> {
  const config = { ...(await emptyDatabaseConfig(t, engine)), ...settings };
  return async () => {
    const store = await openStore(config);
    let closed = false;
    const close = async () => {
      if (!closed) await store.close();
      closed = true;
    };
    t.after(close);
    return { ...store, close };
  };
}

/** The settings that name an empty database. */
export async function emptyDatabaseConfig(t: TestContext, engine: EngineName): Promise<Config> {
  if (engine === 'postgres') return readConfig({ databaseUrl: await emptyPostgres(t) }, {});
  return readConfig({ dataDir: await temporaryFolder(t) }, {});
}

/** @returns the URL of an empty database that goes when the test ends */
export async function emptyPostgres(t: TestContext): Promise<string> {
  const server = process.env.MUSTER_TEST_POSTGRES_URL;
  if (!server) throw new Error('There is no PostgreSQL: run the tests by `npm run test:only`');
  const name = `muster_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `CREATE DATABASE ${name}`);
  t.after(() => administer(server, `DROP DATABASE ${name} WITH (FORCE)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(statement);
  await client.end();
}
