// Background jobs of a service, observed from outside.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { byOperator } from '../../src/resources/operations/record-change.ts';
import { insertUser } from '../../src/resources/users/create-user.ts';
import { onTables, rowsOf, urlOf } from '../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';
import { type MusterProcess, spawnMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;
const day = 86_400_000;

/** Expired keys, and one from now. */
async function addKeys(config: Config, expired: number): Promise<void> {
  const store = await openStore(config);
  const now = Date.now();
  await store.write(async (transaction) => {
    const person = { email: `${expired}@email.com`, first_name: 'Ann', last_name: 'Other' };
    const userId = await insertUser(transaction, byOperator, person, { now, passwordHash: null });
    for (let i = 0; i <= expired; i++)
      await transaction.idempotencyKeys.keep(
        { userId, route: 'POST /api/v2/users', keyHash: String(i) },
        { bodyDigest: '', createdId: userId, createdAt: i === 0 ? now : now - day },
        0,
      );
  });
  await store.close();
}

function serve(t: TestContext, config: Config, workers = 1): Promise<MusterProcess> {
  return spawnMuster(t, {
    env: { MUSTER_DATABASE_URL: urlOf(config), MUSTER_WORKERS: String(workers) },
  });
}

const expired = 'delete-expired-idempotency-keys';
const jobLines = ({ log }: MusterProcess) =>
  log.filter(({ msg, job }) => String(msg).startsWith('job ') && job === expired);

onEachEngine((engine) => {
  test('one of several workers deletes expired idempotency keys', { timeout }, async (t) => {
    const config = await clearedConfig(t, engine);
    await addKeys(config, 700);
    const service = await serve(t, config, 2);
    assert.equal((await service.logged('job done', expired)).count, 700);
    assert.equal((await rowsOf(config, 'idempotency_keys')).length, 1);
    await service.logged('job done', 'index-short-texts');
    assert.equal((await service.stop()).code, 0);
    assert.equal(jobLines(service).length, 1);
    assert.deepEqual((await rowsOf(config, 'leases')).map(({ name, holder }) => [name, holder]).sort(), [
      ['delete-expired-idempotency-keys', null],
      ['delete-expired-sessions', null],
      ['delete-mails', null],
      ['delete-old-events', null],
      ['delete-old-sign-in-attempts', null],
      ['follow-membership-ends', null],
      ['follow-organization-renames', null],
      ['index-short-texts', null],
    ]);
  });

  test('a second service leaves a job alone that is not due, and does it when it is', {
    timeout,
  }, async (t) => {
    const config = await clearedConfig(t, engine);
    await addKeys(config, 3);
    const first = await serve(t, config);
    await first.logged('job done', expired);
    first.signal('SIGKILL');
    await first.exited;

    await addKeys(config, 5);
    const second = await serve(t, config);
    assert.equal((await second.stop()).code, 0);
    assert.deepEqual(jobLines(second), []);
    await onTables(config, 'UPDATE leases SET due_at = 0 RETURNING name');
    const third = await serve(t, config);
    assert.equal((await third.logged('job done', expired)).count, 5);
  });
});
