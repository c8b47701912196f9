// The engines that every suite runs on. MUSTER_TEST_ENGINES=sqlite chooses.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { users } from '../../src/resources/users/users.ts';
import { sqlStore } from '../../src/store/sql/sql-store.ts';
import { openSqlite } from '../../src/store/sql/sqlite.ts';
import type { Store } from '../../src/store/store.ts';

export type EngineName = 'sqlite';

const known: readonly EngineName[] = ['sqlite'];

export const engines: readonly EngineName[] = process.env.MUSTER_TEST_ENGINES
  ? known.filter((name) => process.env.MUSTER_TEST_ENGINES!.split(',').includes(name))
  : known;

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
export async function emptyDatabase(t: TestContext, _engine: EngineName): Promise<() => Promise<Store>> {
  const file = join(await temporaryFolder(t), 'muster.db');
  return async () => {
    const store = sqlStore(await openSqlite(file, readConfig({}, {})), users);
    let closed = false;
    const close = async () => {
      if (!closed) await store.close();
      closed = true;
    };
    t.after(close);
    return { ...store, close };
  };
}
