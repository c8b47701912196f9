import { join } from 'node:path';
import { type Config, ConfigError } from '../config.ts';
import { users } from '../resources/users/users.ts';
import type { DatabaseWatch, Engine } from '../store/sql/engine.ts';
import { fileRates } from '../store/sql/file-rates.ts';
import { sqlStore } from '../store/sql/sql-store.ts';
import { openSqlite } from '../store/sql/sqlite.ts';
import type { Rates, Store } from '../store/store.ts';

/**
 * The database that the settings name, at this version.
 * @throws ConfigError
 */
export async function openStore(config: Config, watch: DatabaseWatch = {}): Promise<Store> {
  const setting = config.databaseUrl === '' ? 'MUSTER_DATA_DIR' : 'MUSTER_DATABASE_URL';
  const engine = await openEngine(config, watch).catch((cause: Error) => {
    throw new ConfigError(`${setting} cannot be used: ${cause.message}`, { cause });
  });
  return sqlStore(engine, users, sharedRates(config));
}

/** The same without what the product makes of it: the tables themselves. @throws Error */
export async function openEngine(config: Config, watch: DatabaseWatch = {}): Promise<Engine> {
  if (isPostgres(config)) {
    // Loaded where it is needed: the driver takes time and memory.
    const { openPostgres } = await import('../store/sql/postgres.ts');
    return openPostgres(config.databaseUrl, { ...config, ...watch });
  }
  const file = databaseFile(config);
  return openSqlite(file, { ...config, ...watch }).catch((cause: Error) => {
    throw new Error(`${cause.message} (${file})`, { cause });
  });
}

/** Several workers on one file count requests in a file, too. */
function sharedRates(config: Config): Rates | undefined {
  if (isPostgres(config) || config.workers === 1) return undefined;
  return fileRates(`${databaseFile(config)}-rates`, config);
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
