// Empty databases for tests, on each engine.

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext } from 'node:test';
import pg from 'pg';
import { type Config, readConfig } from '../../src/config.ts';
import { type Contents, databaseFile, openStore, product } from '../../src/open-store.ts';
import { allTables } from '../../src/store/sql/tables.ts';
import type { Store } from '../../src/store/store.ts';
import { type EngineName, engines } from './chosen-engines.ts';

export { type EngineName, engines };

/** Runs a suite on each engine. */
export function onEachEngine(suite: (engine: EngineName) => void): void {
  for (const engine of engines) describe(`on ${engine}`, () => suite(engine));
}

/** An empty folder, deleted when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-'));
  // With retries: a server of the test may still write to it.
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** An empty database of the engine, at this version, deleted when the test ends. */
export async function emptyStore(
  t: TestContext,
  engine: EngineName,
  contents: Contents = product,
): Promise<Store> {
  if (engine === 'postgres') return clearedStore(t, contents);
  const open = await emptyDatabase(t, engine, {}, contents);
  return open();
}

/**
 * A pool of stores that earlier tests of this file have released, because connecting again takes longer than most
 * tests.
 */
const idle: { url: string; store: Store; contents: Contents }[] = [];
after(async () => {
  for (const { store } of idle) await store.close();
});

/** Long timeouts: a thousand concurrent writes wait for few connections, and the machine may be busy. */
const onServer = (databaseUrl: string) => readConfig({ databaseUrl, databaseConnectTimeoutMs: '60000' }, {});

async function clearedStore(t: TestContext, contents: Contents): Promise<Store> {
  const known = taken(idle, contents);
  if (known !== undefined) await administer(known.url, clearing(contents));
  const url = known?.url ?? (await clearedPostgres(undefined, contents));
  const store = known?.store ?? (await openStore(onServer(url), {}, contents));
  t.after(() => void idle.push({ url, store, contents }));
  return { ...store, close: async () => {} };
}

/**
 * A function that opens the same database each time. It is empty at first. Stores that are still open are closed when
 * the test ends.
 */
export async function emptyDatabase(
  t: TestContext,
  engine: EngineName,
  settings: Partial<Config> = {},
  contents: Contents = product,
): Promise<() => Promise<Store>> {
  const config = { ...(await clearedConfig(t, engine, contents)), ...settings };
  return async () => {
    const store = await openStore(config, {}, contents);
    let closed = false;
    const close = async () => {
      if (!closed) await store.close();
      closed = true;
    };
    t.after(close);
    return { ...store, close };
  };
}

let migratedSqlite: Promise<Buffer> | undefined;

/** A copy of a migrated file: to migrate another one takes five times as long. */
async function copiedSqlite(t: TestContext): Promise<Config> {
  migratedSqlite ??= migrateSqlite(t);
  const config = await emptyDatabaseConfig(t, 'sqlite');
  await writeFile(databaseFile(config), await migratedSqlite, { mode: 0o600 });
  return config;
}

async function migrateSqlite(t: TestContext): Promise<Buffer> {
  const config = await emptyDatabaseConfig(t, 'sqlite');
  await (await openStore(config)).close();
  return readFile(databaseFile(config));
}

/** Settings for an empty database, which is created at its first use. */
export async function emptyDatabaseConfig(t: TestContext, engine: EngineName): Promise<Config> {
  if (engine === 'postgres') return onServer(await emptyPostgres(t));
  return readConfig({ dataDir: await temporaryFolder(t) }, {});
}

/**
 * The same for tests that do not change its tables: it is at this version already, reused or copied, which is faster.
 */
export async function clearedConfig(
  t: TestContext,
  engine: EngineName,
  contents: Contents = product,
): Promise<Config> {
  if (engine === 'postgres') return onServer(await clearedPostgres(t, contents));
  return contents === product ? copiedSqlite(t) : emptyDatabaseConfig(t, engine);
}

/** @returns the URL of an empty database, deleted when the test ends */
export async function emptyPostgres(t: TestContext): Promise<string> {
  const url = await createPostgres();
  t.after(() => dropPostgres(url));
  return url;
}

/** A pool of URLs of released databases: emptying one takes a tenth of the time of creating one. */
const used: { url: string; contents: Contents }[] = [];
after(async () => {
  for (const { url } of [...used, ...idle]) await dropPostgres(url);
});

/** Takes the most recently used item with the same contents out of the list. */
function taken<T extends { contents: Contents }>(list: T[], contents: Contents): T | undefined {
  const index = list.findLastIndex((one) => one.contents === contents);
  return index === -1 ? undefined : list.splice(index, 1)[0];
}

/** DELETE on a small table takes a tenth of the time of TRUNCATE, which creates new files. */
const smallBytes = 512 * 1024;

function clearing({ resources }: Contents): string {
  const emptied = allTables(resources)
    .filter(({ engine, hasFirstRows }) => engine !== 'sqlite' && !hasFirstRows)
    .map(({ name }) => name);
  const sizes = emptied.map((name) => `pg_relation_size('${name}')`).join(' + ');
  return `DO $$ BEGIN
    IF ${sizes} > ${smallBytes} THEN
      TRUNCATE ${emptied.join()} RESTART IDENTITY;
    ELSE
      ${emptied.map((name) => `DELETE FROM ${name};`).join(' ')}
      PERFORM setval(sequencename::text::regclass, 1, false) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
    END IF;
    DELETE FROM collections WHERE slot <> 0;
    UPDATE collections SET row_count = 0, version = 0;
  END $$`;
}

/**
 * @param t the database is released when this test ends
 * @returns the URL of a database at this version, without rows
 */
export async function clearedPostgres(t?: TestContext, contents: Contents = product): Promise<string> {
  const known = taken(used, contents);
  // A copy of a migrated database, if this run has created one.
  const template = contents === product ? process.env.MUSTER_TEST_POSTGRES_TEMPLATE : undefined;
  const url = known?.url ?? (await createPostgres(template));
  if (known !== undefined) await administer(url, clearing(contents));
  else if (template === undefined) await (await openStore(onServer(url), {}, contents)).close();
  t?.after(() => void used.push({ url, contents }));
  return url;
}

async function createPostgres(template = 'template1'): Promise<string> {
  const url = new URL(sharedServer());
  const name = `muster_${randomUUID().replaceAll('-', '')}`;
  await administer(sharedServer(), `CREATE DATABASE ${name} TEMPLATE ${template}`);
  url.pathname = `/${name}`;
  return url.href;
}

function dropPostgres(url: string): Promise<void> {
  return administer(sharedServer(), `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}

function sharedServer(): string {
  const server = process.env.MUSTER_TEST_POSTGRES_URL;
  if (!server) throw new Error('There is no PostgreSQL: run the tests by `npm run test:only`');
  return server;
}

async function administer(database: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
