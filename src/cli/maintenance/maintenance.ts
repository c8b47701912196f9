// The commands of an operator: backup, restore, info.

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Config, givenName } from '../../config.ts';
import { databaseFile, isPostgres } from '../../open-store.ts';
import { version } from '../../platform/version.ts';
import { backupSqlite, restoreSqlite } from '../../store/sqlite/backup.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printRecord } from '../print.ts';
import { withoutSecrets } from './postgres-findings.ts';

export async function backupCommand(config: Config, target: string): Promise<void> {
  refusePostgres(config, 'backup', 'pg_dump --format=custom --file=FILE URL');
  await backupSqlite(databaseFile(config), target);
  printRecord({ backup: target, bytes: statSync(target).size }, {});
}

export async function restoreCommand(config: Config, backup: string): Promise<void> {
  refusePostgres(config, 'restore', 'pg_restore --clean --if-exists --dbname=URL FILE');
  const file = databaseFile(config);
  const kept = await restoreSqlite(backup, file);
  printRecord({ restored: file, ...(kept !== null && { kept_the_old_one_as: kept }) }, {});
}

function refusePostgres(config: Config, command: string, instead: string): void {
  if (!isPostgres(config)) return;
  throw new CommandError(
    `${command} works only with SQLite, but ${givenName(config, 'databaseUrl')} is a PostgreSQL database. Use the tools of PostgreSQL: ${instead}`,
  );
}

export async function infoCommand(store: Store, config: Config, output: OutputOptions): Promise<void> {
  const {
    counts,
    migrations,
    engine,
    serverVersion: engineVersion,
    sizeBytes,
    walBytes,
  } = await store.info();
  const info = {
    muster: version,
    node: process.version,
    engine,
    engine_version: engineVersion,
    size_bytes: sizeBytes,
    wal_bytes: walBytes,
    migration: migrations.at(-1) ?? null,
    ...(isPostgres(config)
      ? { database: withoutSecrets(config.databaseUrl) }
      : { data_dir: dirname(databaseFile(config)) }),
    ...counts,
  };
  printRecord(info, output);
}
