// An import that is killed, or whose database is full or gone: nothing is lost, and nothing is imported twice.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { emptyPostgres, onEachEngine } from '../support/engines.ts';
import { startMuster } from '../support/spawn-muster.ts';
import { imported, textOf } from '../support/streamed-accounts.ts';

const timeout = 180_000;
const count = 6000;

onEachEngine((engine) => {
  test('an import that is killed in the middle, and then loses its database, imports each account once in the end', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(
      t,
      engine === 'postgres' ? { MUSTER_DATABASE_URL: await emptyPostgres(t) } : {},
    );
    await muster.run('migrate');
    const config = readConfig({}, muster.env);
    const file = join(muster.dataDir, 'people.csv');
    writeFileSync(file, textOf('csv', 'person', count));
    const rows = async () => Number((await onTables(config, 'SELECT count(*) AS n FROM users'))[0]!.n);
    const waitFor = async (wanted: number) => {
      while ((await rows()) < wanted) await pause(5);
    };

    const killed = startMuster(['users', 'import', file], { env: muster.env });
    await waitFor(1000);
    killed.signal('SIGKILL');
    assert.equal((await killed.finished).signal, 'SIGKILL');
    // A server goes on with a commit that it has received.
    const before = await rows();
    assert.ok(before < count);

    const from = await stoppedByItsDatabase();
    assert.ok((await rows()) >= from - 2);
    const last = await imported(muster, [file, '--from-line', String(from)]);
    assert.equal(last.created + last.existing, count - (from - 2));
    assert.deepEqual(
      await onTables(
        config,
        'SELECT count(*) AS n, count(DISTINCT email) AS emails, sum(CASE WHEN revision > 1 THEN 1 ELSE 0 END) AS changed FROM users',
      ),
      [{ n: count, emails: count, changed: 0 }],
    );
    assert.deepEqual(
      await onTables(config, `SELECT count(*) AS n FROM events WHERE action = 'user.create'`),
      [{ n: count }],
    );

    /** @returns the line from which it says to go on */
    async function stoppedByItsDatabase(): Promise<number> {
      // A full disk on SQLite; on PostgreSQL, the connections are closed.
      const pages = engine === 'sqlite' ? await onTables(config, 'PRAGMA page_count') : [];
      const limit = { MUSTER_MAX_DATABASE_BYTES: String((Number(pages[0]?.page_count) + 300) * 4096) };
      const env = { ...muster.env, ...(engine === 'sqlite' && limit) };
      const running = startMuster(['users', 'import', file], { env });
      if (engine === 'postgres') {
        await waitFor(before + 1000);
        await onTables(
          config,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'muster' AND datname = current_database()`,
        );
      }
      const { code, stderr } = await running.finished;
      assert.equal(code, 1, stderr);
      return Number(/To continue, add --from-line (\d+)\.$/m.exec(stderr)![1]);
    }
  });
});
