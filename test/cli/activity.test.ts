// `muster serve` writes the activity of its requests, once for all of its processes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOf, urlOf } from '../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;

onEachEngine((engine) => {
  test('two workers write one activity of a session and of a person, at the latest when they stop', {
    timeout,
  }, async (t) => {
    const config = await clearedConfig(t, engine);
    const env = { MUSTER_DATABASE_URL: urlOf(config), MUSTER_WORKERS: '2' };
    const before = Date.now();
    const muster = await spawnMuster(t, { env });
    for (let i = 0; i < 20; i++) {
      const headers = { 'X-Auth-Token': muster.token!, Connection: 'close' };
      assert.equal((await fetch(`${muster.url}/api/v2/users/1`, { headers })).status, 200);
    }
    assert.deepEqual(await muster.stop(), { code: 0, signal: null });
    const [session] = await rowsOf(config, 'sessions');
    const [person] = await rowsOf(config, 'people');
    assert.equal(session!.last_ip, '127.0.0.1');
    for (const row of [session, person]) {
      assert.ok(Number(row!.last_activity_at) >= before && Number(row!.last_activity_at) <= Date.now());
      assert.equal(row!.revision, 2);
    }
    assert.doesNotMatch(muster.stdout, /activity/);
  });
});
