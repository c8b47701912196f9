// GET /events in pages by number: with many events, the same as from a list of all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { powers } from '../../../src/model/actor.ts';
import { openStore } from '../../../src/open-store.ts';
import { idsInSlice } from '../../../src/resources/cache/tally.ts';
import { onTables } from '../../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../../support/engines.ts';
import { ids, walk } from '../../support/read-answers.ts';
import { document, serveStore } from '../../support/start-app.ts';

const path = '/api/v2/events';
const count = 2 * idsInSlice + 1200;

onEachEngine((engine) => {
  test('pages by number have what pages by cursor have, with totals, also while events are added and deleted', async (t) => {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const root = await app.createUser({ sysadmin: powers });
    const ann = await app.createUser({ email: 'ann@email.com' });
    const acme = await app.createOrganization('Acme');
    const owner = await app.createUser({ organizationId: acme, role: 'owner' });
    await onTables(
      config,
      `INSERT INTO events (created_at, action, outcome, actor_kind, changes, details, actor_id, subject_id, organization_id)
       WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${count})
       SELECT 1000 * i, 'user.update', CASE WHEN i % 9 = 0 THEN 'failure' ELSE 'success' END, 'user', '[]', '{}',
         CASE WHEN i % 3 = 0 THEN ${ann.id} END, CASE WHEN i % 2 = 0 THEN ${ann.id} END, CASE WHEN i % 5 < 3 THEN ${acme} END
       FROM numbers`,
    );
    await setImmediate();

    async function check() {
      for (const [reader, filter] of [
        [root, ''],
        [root, '&filter[outcome]=failure'],
        [ann, ''],
        [owner, ''],
      ] as const) {
        const ofReader = `?fields[events]=action${filter}`;
        const start = `${path}${ofReader}&page[after]=&page[size]=200`;
        const ascending = (await walk(app, start, reader.token)).flatMap(ids);
        for (const sort of ['id', '-id']) {
          const query = `${ofReader}&sort=${sort}`;
          const all = sort === 'id' ? ascending : ascending.toReversed();
          const ask = (page: string) => app.request('GET', `${path}${query}${page}`, { token: reader.token });
          const last = Math.ceil(all.length / 50);
          for (const number of [1, 2, 77, last, last + 1]) {
            const answer = await ask(`&page[number]=${number}&page[size]=50`);
            const name = `${query}, page ${number}`;
            assert.deepEqual(ids(answer), all.slice((number - 1) * 50, number * 50), name);
            const { total_count, total_pages, current_page } = answer.body.meta;
            assert.deepEqual([total_count, total_pages, current_page], [all.length, last, number], name);
          }
          assert.equal((await ask('')).body.meta.total_count, all.length);
        }
      }
    }

    await check();
    const renaming = { token: ann.token, body: document({ last_name: 'Other' }, String(ann.id)) };
    assert.equal((await app.request('PATCH', `/api/v2/users/${ann.id}`, renaming)).status, 200);
    await onTables(config, `DELETE FROM events WHERE id <= 3000`);
    await setImmediate();
    await check();
  });
});
