// The commands of an operator: backup, restore, check, info.

import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { knownMigrations } from '../store/sql/migrate.ts';
import {
  backupSqlite,
  integrityProblems,
  isUnadministered,
  migrationsOf,
  restoreSqlite,
} from '../store/sql/sqlite-files.ts';
import type { Store } from '../store/store.ts';
import { nobodyAdministersText } from './administration.ts';
import { databaseFile, isPostgres } from './open-store.ts';
import { postgresFindings, withoutSecrets } from './postgres-findings.ts';
import { CommandError, type OutputOptions, printRecord, printRows } from './print.ts';

export async function backupCommand(config: Config, target: string): Promise<void> {
  refusePostgres(config, 'backup', 'pg_dump --format=custom --file=FILE URL');
  await backupSqlite(databaseFile(config), target).catch(asCommandError);
  printRecord({ backup: target, bytes: statSync(target).size }, {});
}

export async function restoreCommand(config: Config, backup: string): Promise<void> {
  refusePostgres(config, 'restore', 'pg_restore --clean --if-exists --dbname=URL FILE');
  const file = databaseFile(config);
  const kept = await restoreSqlite(backup, file).catch(asCommandError);
  printRecord({ restored: file, ...(kept !== null && { kept_the_old_one_as: kept }) }, {});
}

function refusePostgres(config: Config, command: string, instead: string): void {
  if (!isPostgres(config)) return;
  throw new CommandError(
    `MUSTER_DATABASE_URL names a PostgreSQL, and ${command} is for the embedded database. Use PostgreSQL's own tools: ${instead}`,
  );
}

function asCommandError(error: unknown): never {
  throw new CommandError((error as Error).message, { cause: error });
}

export interface Finding {
  /** An error stops a start or says that data is damaged; a warning is a weak setting. */
  readonly level: 'error' | 'warning';
  readonly subject: string;
  readonly finding: string;
}

/** Exit status 1 where there is an error, and with `strict` where there is a warning. */
export async function checkCommand(
  config: Config,
  options: OutputOptions & { strict?: boolean },
): Promise<void> {
  const ofDatabase = isPostgres(config) ? await postgresFindings(config) : fileFindings(config);
  const findings = [...ofDatabase, ...(await addressFindings(config)), ...weakSettings(config)];
  if (findings.length > 0 || options.json)
    printRows(
      findings.map((finding) => ({ ...finding })),
      options,
    );
  else process.stdout.write('Nothing to complain of.\n');
  if (findings.some(({ level }) => level === 'error' || options.strict)) process.exitCode = 1;
}

function fileFindings(config: Config): Finding[] {
  const file = databaseFile(config);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined)
    return [{ level: 'warning', subject: file, finding: 'does not exist; the next start makes it' }];
  const findings: Finding[] = integrityProblems(file).map((finding) => ({
    level: 'error',
    subject: file,
    finding,
  }));
  if (findings.length === 0) {
    const newer = migrationsOf(file).filter((name) => !knownMigrations.includes(name));
    if (newer.length > 0)
      findings.push({
        level: 'error',
        subject: file,
        finding: `was made by a newer version (${newer.join(', ')})`,
      });
    if (isUnadministered(file))
      findings.push({ level: 'warning', subject: file, finding: nobodyAdministersText });
  }
  if ((found.mode & 0o077) !== 0)
    findings.push({
      level: 'warning',
      subject: file,
      finding: 'can be read by others on this machine (chmod 600)',
    });
  return findings;
}

/** The address that the next start needs; it is taken as well while the service runs. */
function addressFindings({ host, port }: Config): Promise<Finding[]> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) =>
      resolve([
        {
          level: 'warning',
          subject: `${host}:${port}`,
          finding: `cannot be listened on now (${error.message})`,
        },
      ]),
    );
    probe.listen({ host, port }, () => probe.close(() => resolve([])));
  });
}

function weakSettings(config: Config): Finding[] {
  const local = ['127.0.0.1', '::1', 'localhost'].includes(config.host);
  const weak: [boolean, string, string][] = [
    [
      config.minPasswordLength < 15,
      'MUSTER_MIN_PASSWORD_LENGTH',
      'is below the 15 that NIST SP 800-63B-4 asks for without a second factor',
    ],
    [config.rateLimit === 0, 'MUSTER_RATE_LIMIT', 'is off'],
    [
      !local && !config.publicUrl.startsWith('https:'),
      'MUSTER_PUBLIC_URL',
      'is not https, and the service listens beyond this machine',
    ],
    [
      config.corsOrigins.some((origin) => origin.startsWith('http:') && !origin.includes('//localhost')),
      'MUSTER_CORS_ORIGINS',
      'has an origin without TLS',
    ],
    [
      config.bootstrapPassword !== '' || config.bootstrapToken !== '',
      'MUSTER_BOOTSTRAP_*',
      'is needed at the first start alone, and a secret in the environment is read easily',
    ],
    [
      ['fatal', 'error', 'warn', 'silent'].includes(config.logLevel),
      'MUSTER_LOG_LEVEL',
      'leaves no line of requests',
    ],
  ];
  return weak.flatMap(([applies, subject, finding]) =>
    applies ? [{ level: 'warning', subject, finding }] : [],
  );
}

export async function infoCommand(
  store: Store,
  config: Config,
  version: string,
  output: OutputOptions,
): Promise<void> {
  const { counts, migrations, engine, version: engineVersion, sizeBytes, walBytes } = await store.info();
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
