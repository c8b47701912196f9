// The row counter of a collection on PostgreSQL, when one transaction changes very many rows.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { engines } from '../support/chosen-engines.ts';
import { clearedPostgres } from '../support/engines.ts';

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('a transaction that updates very many users counts once, and as fast for many as for few', async (t) => {
    const client = new pg.Client({ connectionString: await clearedPostgres(t) });
    await client.connect();
    t.after(() => client.end());
    const version = async () =>
      Number((await client.query('SELECT sum(version) FROM collections')).rows[0].sum);
    await client.query(`
      INSERT INTO users (updated_at, email, email_key, first_name, first_name_key, last_name, last_name_key,
        flags, newsletter_consent, sysadmin, sysadmin_permissions, two_factor_auth, sso_provision, locale)
      SELECT 0, email, email, 'a', 'a', 'b', 'b', '{}', false, false, '[]', false, false, 'en_US'
      FROM (SELECT n || '@email.com' AS email FROM generate_series(1, 20000) AS n) AS people
    `);
    /** Microseconds per row. */
    const update = async (rows: number): Promise<number> => {
      const before = await version();
      const startedAt = performance.now();
      await client.query('UPDATE users SET updated_at = updated_at + 1 WHERE id <= $1', [rows]);
      const microseconds = ((performance.now() - startedAt) * 1000) / rows;
      assert.equal(await version(), before + 1);
      return microseconds;
    };
    await update(100);
    const times: { few: number; many: number }[] = [];
    while (times.length < 5) times.push({ few: await update(1000), many: await update(20_000) });
    const median = (name: 'few' | 'many') => times.map((time) => time[name]).sort((a, b) => a - b)[2]!;
    const [few, many] = [median('few'), median('many')];
    assert.ok(many < 10 * few, `${many} µs a row for 20,000, ${few} µs for 1,000`);
  });
});
