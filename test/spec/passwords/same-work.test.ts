// S15: what a request for a link does is the same for every address, up to the calls to the database, and does not depend
// on the mail server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { recordedCalls } from '../../support/recorded-calls.ts';
import { serveStore, startApp } from '../../support/start-app.ts';
import { ann, old, passwordsAt } from './start-passwords.ts';

onEachEngine((engine) => {
  test('S15 the same calls to the database follow for every address', async (t) => {
    const first = await startApp(t, engine);
    const recorded = recordedCalls(first.store);
    const app = await serveStore(t, recorded.store, { trustedProxies: 'loopback' });
    const ended = { account_access_expires_at: app.clock.now };
    await app.createUser({ email: ann, password: old });
    await app.createUser({ email: 'expired@example.com', password: old, values: ended });
    await app.createUser({ email: 'without@example.com' });
    const { ask } = passwordsAt(app);
    const emails = [ann, 'expired@example.com', 'without@example.com', 'nobody@example.com'];
    // The sixth request is above the limit of the mailbox.
    for (let round = 0; round < 6; round++) {
      const calls: (readonly string[])[] = [];
      for (const email of emails) {
        recorded.taken();
        assert.equal((await ask(email)).status, 204);
        calls.push(recorded.taken());
      }
      for (const made of calls) assert.deepEqual(made, calls[0]);
      assert.ok(calls[0]!.includes('transaction.mails.create'), `${calls[0]}`);
    }
  });
});
