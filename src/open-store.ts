import { join, resolve } from 'node:path';
import { type Config, ConfigError } from './config.ts';
import type { Resource } from './model/resource.ts';
import { resources } from './resources/resources.ts';
import { reasonOf } from './store/errors.ts';
import { NoDatabase } from './store/migrations/migrate.ts';
import { type Migrations, migrations } from './store/migrations/migrations.ts';
import type { DatabaseWatch, Engine, EngineOptions, Opening } from './store/sql/engine.ts';
import { assertParts } from './store/sql/missing-parts.ts';
import { sqlStore } from './store/sql-store.ts';
import { openSqlite } from './store/sqlite/engine.ts';
import { requestCounterFile } from './store/sqlite/private-database.ts';
import { fileRequestCounter } from './store/sqlite/request-counter.ts';
import type { RequestCounter, Store } from './store/store.ts';

/** What a database holds: records of these resources, in the tables of these migrations. */
export interface Contents {
  readonly resources: readonly Resource[];
  readonly migrations: Migrations;
}

/** What Muster itself keeps. */
export const product: Contents = { resources, migrations };

/**
 * The database that the settings name, for a service: made if absent, and brought to this version.
 * @throws ConfigError
 */
export async function openStore(
  config: Config,
  watch: DatabaseWatch = {},
  contents: Contents = product,
): Promise<Store> {
  const engine = await openEngine(config, { ...watch, migrations: contents.migrations })
    .then((opened) => withParts(opened, contents))
    .catch(refuse(config));
  return sqlStore(engine, contents.resources, sharedRequestCounter(config));
}

async function withParts(engine: Engine, { resources }: Contents): Promise<Engine> {
  try {
    await assertParts(engine, resources);
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** What a command does where there is no database: it refuses, or makes one if `--create` is given. */
export type Absent = 'refuse' | 'needs --create' | 'create';

/**
 * The database that the settings name, for a command: it must be there, and at this version. A mistyped path makes
 * nothing, and a service of an older version keeps its database.
 * @throws ConfigError
 */
export async function openExistingStore(config: Config, absent: Absent = 'refuse'): Promise<Store> {
  const open = async (opening: Opening) => withParts(await openEngine(config, {}, opening), product);
  const engine = await open('existing').catch((cause: Error) => {
    if (!(cause instanceof NoDatabase)) return refuse(config)(cause);
    if (absent === 'create') return open('prepare').catch(refuse(config));
    const makers = absent === 'refuse' ? '`muster serve` and `muster migrate` make' : '--create makes';
    return refuse(config)(new Error(`${cause.message}; ${makers} a new database there`, { cause }));
  });
  return sqlStore(engine, product.resources);
}

/** Makes the database if absent, and brings it to this version. @throws ConfigError */
export async function prepareDatabase(config: Config): Promise<void> {
  const engine = await openEngine(config).catch(refuse(config));
  await engine.close();
}

function refuse(config: Config): (cause: Error) => never {
  const setting = config.databaseUrl === '' ? 'MUSTER_DATA_DIR' : 'MUSTER_DATABASE_URL';
  return (cause) => {
    throw new ConfigError(`${setting} cannot be used: ${reasonOf(cause)}`, { cause });
  };
}

/** The same without what the product makes of it: the tables themselves. @throws Error */
export async function openEngine(
  config: Config,
  options: EngineOptions = {},
  opening: Opening = 'prepare',
): Promise<Engine> {
  if (isPostgres(config)) {
    // Loaded where it is needed: the driver takes time and memory.
    const { openPostgres } = await import('./store/postgres/engine.ts');
    return openPostgres(config.databaseUrl, { ...config, ...options }, opening);
  }
  return openSqlite(resolve(databaseFile(config)), { ...config, ...options }, opening);
}

/** Several workers on one file count requests in a file, too. */
function sharedRequestCounter(config: Config): RequestCounter | undefined {
  if (isPostgres(config) || config.workers === 1) return undefined;
  return fileRequestCounter(requestCounterFile(databaseFile(config)), config);
}

export function isPostgres({ databaseUrl }: Config): boolean {
  return /^postgres(ql)?:/.test(databaseUrl);
}

/** The file of the embedded database. @throws ConfigError where it is another database */
export function databaseFile(config: Config): string {
  const { databaseUrl, dataDir } = config;
  if (isPostgres(config)) throw new ConfigError('MUSTER_DATABASE_URL names a PostgreSQL, which has no file');
  return databaseUrl === '' ? join(dataDir, 'muster.db') : databaseUrl.replace(/^sqlite:(\/\/)?/, '');
}
