// Clients that close the connection while they wait for the check of a password.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createMetrics } from '../../../src/http/metrics.ts';
import { openStore } from '../../../src/open-store.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { mediaType, serveStore } from '../../support/start-app.ts';
import { another, startEmailChanges } from '../email-changes/start-email-changes.ts';
import { documentOf } from '../people/start-people.ts';
import { sessionDocument, signInAt, wrong } from './start-sign-in.ts';

const ann = 'ann@example.com';
const metricsToken = 'a token of the metrics';

/** An app whose writes wait, from `hold` until `open`. */
async function startHeld(t: TestContext, engine: EngineName) {
  const config = await clearedConfig(t, engine);
  const store = await openStore(config);
  t.after(() => store.close());
  let gate = Promise.resolve();
  let arrived = Promise.withResolvers<void>();
  const held: typeof store = {
    ...store,
    async write(work, locks) {
      arrived.resolve();
      await gate;
      return store.write(work, locks);
    },
  };
  const metrics = createMetrics();
  const app = await serveStore(t, held, { metricsToken, trustedProxies: 'loopback' }, { metrics });
  const metric = async (name: string) => {
    const headers = { Authorization: `Bearer ${metricsToken}` };
    const text = await (await fetch(`${app.url}/metrics`, { headers })).text();
    return Number(new RegExp(`^${name}\\{priority="repeated"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  };
  return {
    app,
    config,
    /** @returns a function that lets the writes go on */
    hold() {
      const { promise, resolve: open } = Promise.withResolvers<void>();
      gate = promise;
      arrived = Promise.withResolvers();
      return open;
    },
    /**
     * Sends two requests, which wait for one with the same password or link that waits for the database, and closes their
     * connections.
     */
    async sendAndLeave(method: string, path: string, body: unknown) {
      await arrived.promise;
      const until = async (expected: number) => {
        while ((await metric('muster_password_queue')) !== expected) await setImmediate();
      };
      const leaving = new AbortController();
      const send = () =>
        fetch(app.url + path, {
          method,
          headers: { 'Content-Type': mediaType },
          body: JSON.stringify(body),
          signal: leaving.signal,
        });
      const sent = Promise.allSettled([send(), send()]);
      await until(2);
      leaving.abort();
      await until(0);
      // They have left, and were not refused for waiting too long.
      assert.equal(await metric('muster_password_shed_total'), 0);
      assert.ok((await sent).every(({ status }) => status === 'rejected'));
    },
  };
}

onEachEngine((engine) => {
  test('C8 a sign-in whose client has gone is not checked and not counted', async (t) => {
    const { app, config, hold, sendAndLeave } = await startHeld(t, engine);
    const open = hold();
    // It waits for the database, and the others with the same address wait for it.
    const first = signInAt(app)(ann, wrong);
    await sendAndLeave('POST', '/api/v2/sessions', sessionDocument({ email: ann, password: wrong }));
    open();
    assert.equal((await first).status, 401);
    assert.equal((await rowsOf(config, 'events')).length, 1);
    assert.equal((await rowsOf(config, 'sign_in_attempts'))[0]!.failures, 1);
  });

  test('C8 whoever has gone while a link waits to set a password gives up the place', async (t) => {
    const { app, hold, sendAndLeave } = await startHeld(t, engine);
    const { root, moveTo, undoOf, mail } = await startEmailChanges(t, engine, {}, app);
    await moveTo('b@email.com');
    await app.request('POST', '/api/v2/passwords', {
      body: documentOf('passwords', { email: 'b@email.com' }),
    });
    const invited = `/api/v2/organizations/${await app.createOrganization()}/invitations`;
    const names = { email: ann, first_name: 'Ann', last_name: 'Lee' };
    await app.request('POST', invited, { token: root, body: documentOf('invitations', names) });
    const links = {
      passwords: (await mail('b@email.com', 'password_reset')).token!,
      email_undos: await undoOf('a@email.com'),
      invitations: (await mail(ann, 'invitation')).token!,
    };
    for (const [type, link] of Object.entries(links)) {
      const path = `/api/v2/${type}/${link}`;
      const body = documentOf(type, { password: another });
      const open = hold();
      const first = app.request('PATCH', path, { body });
      await sendAndLeave('PATCH', path, body);
      open();
      assert.equal((await first).status, 204, type);
    }
  });
});
