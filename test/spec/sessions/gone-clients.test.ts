// Clients that close the connection while they wait for the check of a password.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createMetrics } from '../../../src/http/metrics.ts';
import { openStore } from '../../../src/open-store.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../../support/engines.ts';
import { mediaType, serveStore } from '../../support/start-app.ts';
import { sessionDocument, signInAt, wrong } from './start-sign-in.ts';

const ann = 'ann@example.com';
const metricsToken = 'a token of the metrics';

onEachEngine((engine) => {
  test('C8 a sign-in whose client has gone is not checked and not counted', async (t) => {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    let gate = Promise.resolve();
    const held: typeof store = {
      ...store,
      write: (work, locks) => gate.then(() => store.write(work, locks)),
    };
    const metrics = createMetrics();
    const app = await serveStore(t, held, { metricsToken, trustedProxies: 'loopback' }, { metrics });
    const repeated = async (metric: string) => {
      const headers = { Authorization: `Bearer ${metricsToken}` };
      const text = await (await fetch(`${app.url}/metrics`, { headers })).text();
      return Number(new RegExp(`^${metric}\\{priority="repeated"\\} (\\d+)$`, 'm').exec(text)![1]);
    };
    const untilWaiting = async (expected: number) => {
      while ((await repeated('muster_password_queue')) !== expected) await setImmediate();
    };

    const { promise, resolve: open } = Promise.withResolvers<void>();
    gate = promise;
    // It waits for the database, and the others with the same address wait for it.
    const first = signInAt(app)(ann, wrong);
    const leaving = new AbortController();
    const send = () =>
      fetch(`${app.url}/api/v2/sessions`, {
        method: 'POST',
        headers: { 'Content-Type': mediaType },
        body: JSON.stringify(sessionDocument({ email: ann, password: wrong })),
        signal: leaving.signal,
      });
    const others = Promise.allSettled([send(), send()]);
    await untilWaiting(2);
    leaving.abort();
    await untilWaiting(0);
    assert.equal(await repeated('muster_password_shed_total'), 0, 'not because they have waited too long');
    open();
    assert.equal((await first).status, 401);
    assert.ok((await others).every(({ status }) => status === 'rejected'));
    assert.equal((await rowsOf(config, 'events')).length, 1);
    assert.equal((await rowsOf(config, 'sign_in_attempts'))[0]!.failures, 1);
  });
});
