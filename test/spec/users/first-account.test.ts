// The first account, if other accounts exist before the first start.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrap } from '../../../src/cli/serve/bootstrap.ts';
import { ConfigError, readConfig } from '../../../src/config.ts';
import { byOperator } from '../../../src/resources/operations/record-change.ts';
import { insertUser } from '../../../src/resources/users/create-user.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import { emptyStore, onEachEngine } from '../../support/engines.ts';

const bootstrapToken = 'a-token-of-the-first-account-with-32-characters';

onEachEngine((engine) => {
  test('an address or a token that an account has already is refused by name, and nothing is made', async (t) => {
    const store = await emptyStore(t, engine);
    await store.write(async (transaction) => {
      const values = { email: 'Admin@Example.com', first_name: 'Ann', last_name: 'Lee' };
      const userId = await insertUser(transaction, byOperator, values, { now: 0, passwordHash: null });
      const hash = hashToken(bootstrapToken);
      await transaction.sessions.create({ user_id: userId, hash, machine: true, name: 'own', created_at: 0 });
    });
    const before = await store.info();
    for (const [settings, refusal] of [
      [{}, /^MUSTER_BOOTSTRAP_EMAIL, admin@example.com, .* not a sysadmin. Set another email/],
      [{ bootstrapEmail: 'ADMIN@example.com' }, /^--bootstrap-email, ADMIN@example.com, /],
      [{ bootstrapEmail: 'first@example.com', bootstrapToken }, /^--bootstrap-token .*Set another token$/],
    ] as const)
      await assert.rejects(
        bootstrap(readConfig(settings, {}), store, Date.now),
        (error) => error instanceof ConfigError && refusal.test(error.message),
      );
    assert.deepEqual((await store.info()).counts, before.counts);

    // Both solutions that the message suggests.
    const first = readConfig({ bootstrapEmail: 'first@example.com' }, {});
    assert.equal((await bootstrap(first, store, Date.now))!.email, 'first@example.com');
    assert.equal(await bootstrap(readConfig({}, {}), store, Date.now), null);
  });
});
