// Starts the databases that the benchmark uses. Each is empty at first, durable, and deleted afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makePostgres } from '../test/support/postgres-server.ts';

export interface BenchDatabase {
  readonly name: DatabaseName;
  /** For the log of the service and its SQLite file. */
  readonly folder: string;
  /** Environment variables for the service, which select this database. */
  readonly environment: Readonly<Record<string, string>>;
  /** Does now what the database server would do in the background after many inserts: VACUUM ANALYZE and CHECKPOINT. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export const databaseNames = ['sqlite', 'postgres', 'postgres over TCP'] as const;
export type DatabaseName = (typeof databaseNames)[number];

export async function startDatabase(name: DatabaseName): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (name === 'sqlite')
    return {
      name,
      folder,
      environment: { MUSTER_DATA_DIR: folder },
      settle: async () => {},
      stop: async () => remove(),
    };
  const serverFolder = mkdtempSync(join(tmpdir(), 'muster-bench-postgres-'));
  const server = await makePostgres(serverFolder, {
    settings: { shared_buffers: '512MB', max_wal_size: '4GB', checkpoint_timeout: '15min' },
  });
  await server.start();
  const url =
    name === 'postgres'
      ? `postgres://muster@/postgres?host=${encodeURIComponent(server.socketFolder)}&port=${server.port}`
      : server.url();
  return {
    name,
    folder,
    environment: { MUSTER_DATA_DIR: folder, MUSTER_DATABASE_URL: url },
    async settle() {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query('VACUUM ANALYZE');
      await client.query('CHECKPOINT');
      await client.end();
    },
    async stop() {
      await server.stop();
      remove();
      rmSync(serverFolder, { recursive: true, force: true });
    },
  };
}

/** Where an existing database is, which bench/fill.ts has filled: the folder of its file, or its URL. */
export interface ExistingDatabase {
  readonly folder?: string | undefined;
  readonly url?: string | undefined;
}

/** Uses a database that exists, and leaves it there. A bench that writes changes it. */
export function existingDatabase({ folder, url }: ExistingDatabase): BenchDatabase {
  const logs = mkdtempSync(join(tmpdir(), 'muster-bench-'));
  return {
    name: url === undefined ? 'sqlite' : 'postgres',
    folder: logs,
    environment: url === undefined ? { MUSTER_DATA_DIR: folder! } : { MUSTER_DATABASE_URL: url },
    settle: async () => {},
    stop: async () => rmSync(logs, { recursive: true, force: true }),
  };
}
