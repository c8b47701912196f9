// PostgreSQL writes two batches at once. What one of them needs of the other is as if they were written one after the other.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { commandLine } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { onEachEngine } from '../support/engines.ts';

const [batch, batches] = [500, 6];

onEachEngine((engine) => {
  test('of rows with one address in different batches the first is imported, and an organization is created once', async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    const file = join(muster.dataDir, 'people.jsonl');
    // The last row of each batch has the address of the first row of the next, which comes later.
    const account = (i: number) => ({
      email: `person${i % batch === 0 && i > 0 ? i - 1 : i}@x.com`,
      first_name: `First${i}`,
      last_name: 'Lee',
      memberships: [{ organization_id: i < 2 * batch ? 100 : 101, organization_name: 'Acme' }],
    });
    const accounts = Array.from({ length: batch * batches }, (_, i) => account(i));
    writeFileSync(file, accounts.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const counts = await muster.attempt('users', 'import', file, '--json');
    assert.equal(counts.code, 0, counts.stderr);
    const { created, existing } = JSON.parse(counts.stdout);
    assert.deepEqual([created, existing], [batch * batches - (batches - 1), batches - 1]);
    const later = Array.from({ length: batches - 1 }, (_, i) => `'First${(i + 1) * batch}'`);
    const config = readConfig({}, muster.env);
    assert.deepEqual(
      await onTables(config, `SELECT first_name FROM users WHERE first_name IN (${later.join()})`),
      [],
    );
    assert.deepEqual(
      await onTables(config, 'SELECT organization_id AS id, count(*) AS n FROM people GROUP BY 1 ORDER BY 1'),
      [
        { id: 100, n: 2 * batch - 1 },
        { id: 101, n: (batches - 2) * batch - (batches - 2) },
      ],
    );
  });
});
