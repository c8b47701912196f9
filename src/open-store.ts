import { join, resolve } from 'node:path';
import { type Config, ConfigError, givenName } from './config.ts';
import type { Resource } from './model/resource.ts';
import { zone } from './model/zone.ts';
import { events } from './resources/events/events.ts';
import { trailOf } from './resources/events/trail.ts';
import { resources } from './resources/resources.ts';
import { NoDatabase, reasonOf } from './store/errors.ts';
import { type Migrations, migrations } from './store/migrations/migrations.ts';
import type { DatabaseWatch, Engine, EngineOptions, Opening } from './store/sql/engine.ts';
import { assertParts } from './store/sql/missing-parts.ts';
import { sqlStore } from './store/sql-store.ts';
import { openSqlite } from './store/sqlite/engine.ts';
import { requestCounterFile } from './store/sqlite/private-database.ts';
import { fileRequestCounter } from './store/sqlite/request-counter.ts';
import type { RequestCounter, Store, Trail } from './store/store.ts';

/** The contents of a database: records of these resources, in tables that these migrations create. */
export interface Contents {
  readonly resources: readonly Resource[];
  readonly migrations: Migrations;
}

/** The contents of Muster's own database. */
export const product: Contents = { resources, migrations };

/**
 * Opens the database of the settings for the service. Creates it if it does not exist, and migrates it to this version.
 * @throws ConfigError that names the setting and the reason
 */
export async function openStore(
  config: Config,
  watch: DatabaseWatch = {},
  contents: Contents = product,
): Promise<Store> {
  const engine = await openEngine(config, { ...watch, migrations: contents.migrations, isServing: true })
    .then((opened) => withParts(opened, contents))
    .catch(refuse(config));
  return sqlStore(engine, contents.resources, sharedRequestCounter(config), trailIn(config, contents));
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

/** What a command does if there is no database: fail, fail and suggest `--create`, or create one. */
export type Absent = 'refuse' | 'needs --create' | 'create';

/**
 * Opens the database of the settings for a command. The database must exist and have this version. So a mistyped path
 * creates nothing, and a command does not migrate the database of a service of an older version.
 * @throws ConfigError that names the setting and the reason
 */
export async function openExistingStore(config: Config, absent: Absent = 'refuse'): Promise<Store> {
  const engine = await openExistingEngine(config, absent);
  return sqlStore(engine, product.resources, undefined, trailIn(config, product));
}

/** The same without the store on top of it. @throws ConfigError that names the setting and the reason */
export async function openExistingEngine(config: Config, absent: Absent = 'refuse'): Promise<Engine> {
  // Commands that may create a database insert many rows.
  const options = { fills: absent !== 'refuse' };
  const open = async (opening: Opening) => withParts(await openEngine(config, options, opening), product);
  return open('existing').catch((cause: Error) => {
    if (!(cause instanceof NoDatabase)) return refuse(config)(cause);
    if (absent === 'create') return open('prepare').catch(refuse(config));
    const creators = absent === 'refuse' ? '`muster serve` and `muster migrate` create' : '--create creates';
    return refuse(config)(new Error(`${cause.message}; ${creators} a new database there`, { cause }));
  });
}

/** Every store that writes records events: the service, its workers, commands. */
function trailIn({ timeZone }: Config, { resources: held }: Contents): Trail | null {
  return held.includes(events) ? trailOf(held, zone(timeZone)) : null;
}

/**
 * Opens the database without the store on top of it, and creates it if it does not exist. Never migrates: it may be the
 * database of a service of an older version.
 * @throws Error
 */
export async function openOrCreateEngine(config: Config): Promise<Engine> {
  return openEngine(config, {}, 'existing').catch((cause: Error) => {
    if (!(cause instanceof NoDatabase)) throw cause;
    return openEngine(config);
  });
}

/** Creates the database if it does not exist, and migrates it to this version. @throws ConfigError */
export async function prepareDatabase(config: Config): Promise<void> {
  const engine = await openEngine(config).catch(refuse(config));
  await engine.close();
}

function refuse(config: Config): (cause: Error) => never {
  const setting = givenName(config, config.databaseUrl === '' ? 'dataDir' : 'databaseUrl');
  return (cause) => {
    throw new ConfigError(`${setting} cannot be used: ${reasonOf(cause)}`, { cause });
  };
}

/** Opens the database without the store on top of it. @throws Error */
export async function openEngine(
  config: Config,
  options: EngineOptions = {},
  opening: Opening = 'prepare',
): Promise<Engine> {
  if (isPostgres(config)) {
    // Loaded only if needed, because the driver takes time and memory.
    const { openPostgres } = await import('./store/postgres/engine.ts');
    return openPostgres(config.databaseUrl, { ...config, ...options }, opening);
  }
  return openSqlite(resolve(databaseFile(config)), { ...config, ...options }, opening);
}

/** Several workers on one SQLite file share a second file, in which they count requests. Undefined: the engine counts. */
function sharedRequestCounter(config: Config): RequestCounter | undefined {
  if (isPostgres(config) || config.workers === 1) return undefined;
  return fileRequestCounter(requestCounterFile(databaseFile(config)), config);
}

export function isPostgres({ databaseUrl }: Config): boolean {
  return /^postgres(ql)?:/.test(databaseUrl);
}

/** The path of the SQLite file. @throws ConfigError if the database is PostgreSQL */
export function databaseFile(config: Config): string {
  const { databaseUrl, dataDir } = config;
  if (isPostgres(config))
    throw new ConfigError(`${givenName(config, 'databaseUrl')} is a PostgreSQL database, which has no file`);
  return databaseUrl === '' ? join(dataDir, 'muster.db') : databaseUrl.replace(/^sqlite:(\/\/)?/, '');
}
