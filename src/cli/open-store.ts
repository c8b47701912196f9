import { join } from 'node:path';
import { type Config, ConfigError } from '../config.ts';
import { users } from '../resources/users/users.ts';
import type { ObserveDatabase } from '../store/sql/engine.ts';
import { sqlStore } from '../store/sql/sql-store.ts';
import { openSqlite } from '../store/sql/sqlite.ts';
import type { Store } from '../store/store.ts';

/** The database that the settings name, at this version. */
export async function openStore(config: Config, observe?: ObserveDatabase): Promise<Store> {
  const file = databaseFile(config);
  const engine = await openSqlite(file, { ...config, observe }).catch((cause: Error) => {
    const setting = config.databaseUrl === '' ? 'MUSTER_DATA_DIR' : 'MUSTER_DATABASE_URL';
    throw new ConfigError(`${setting} cannot be used: ${cause.message} (${file})`, { cause });
  });
  return sqlStore(engine, users);
}

/** The file of the embedded database. @throws ConfigError */
export function databaseFile({ databaseUrl, dataDir }: Config): string {
  if (databaseUrl === '') return join(dataDir, 'muster.db');
  const match = /^sqlite:(?:\/\/)?(.+)$/.exec(databaseUrl);
  if (match === null) throw new ConfigError('MUSTER_DATABASE_URL must be sqlite:PATH');
  return match[1]!;
}
