// The databases that the service is measured on: each empty, durable, and gone afterwards.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makePostgres } from '../test/support/postgres-server.ts';

export interface BenchDatabase {
  readonly name: DatabaseName;
  /** For whatever the service writes, its log and its SQLite. */
  readonly folder: string;
  /** Settings of the service that name the database, as it reads them from its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Does at once what the server would do in the background after so many rows were made. */
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
