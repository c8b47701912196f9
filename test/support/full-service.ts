// A service whose database has rows in each table.

import type { TestContext } from 'node:test';
import type { Config } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { organizations } from '../../src/resources/organizations/organizations.ts';
import { resources } from '../../src/resources/resources.ts';
import { users } from '../../src/resources/users/users.ts';
import type { AttemptCount } from '../../src/store/attempts.ts';
import { removeMember, setMember } from './members.ts';
import { minimalRow } from './minimal-row.ts';
import { document, serveStore, type TestApp } from './start-app.ts';

/** Runs work with a service on the database, and ends the service. */
export async function onService<T>(
  t: TestContext,
  config: Config,
  work: (app: TestApp) => Promise<T>,
): Promise<T> {
  const store = await openStore(config);
  const app = await serveStore(t, store);
  try {
    return await work(app);
  } finally {
    await app.close();
    await store.close();
  }
}

export interface Made {
  readonly id: number;
  readonly token: string;
  /** The last generated ids, whose rows were deleted. */
  readonly deletedId: number;
  readonly deletedTokenId: number;
}

/** Fills a database with rows in each table and every kind of value. */
export function fillService(t: TestContext, config: Config): Promise<Made> {
  return onService(t, config, async ({ store, createOrganization, createUser, request }) => {
    const first = await createOrganization('First');
    // Noted for the job that updates its users.
    await store.changeRecord(organizations, first, async () => ({ name: 'One', slug: `${first}-one` }));
    const second = await createOrganization('Čevapi "d.o.o."');
    const { id, token } = await createUser({
      email: 'Ann@email.com',
      organizationId: first,
      role: 'owner',
      password: 'correct horse battery',
      sysadmin: true,
      values: {
        first_name: 'Zoë \u{1F600} "Z" O\'Brien',
        flags: '{"beta":true,"note":"a\\nb"}',
        preferences: '"text"',
        newsletter_consent: true,
        newsletter_consent_at: 1_546_300_800_001,
        account_access_expires_at: 4_102_444_800_000,
        time_zone: 'Europe/Zagreb',
        ical_token: 'secret link',
      },
    });
    const accounts = Array.from({ length: 1500 }, (_, i) => ({
      email: `person${i}@email.com`,
      first_name: 'name',
      last_name: 'surname',
      updated_at: 1_700_000_000_000 + i,
    }));
    // One statement has too few parameters for all of them.
    for (const some of [accounts.slice(0, 750), accounts.slice(750)])
      await store.write((transaction) => transaction.records(users).insertMany(some));
    await store.write(async (transaction) => {
      await transaction.origins.insertMany([
        { userId: id, source: 'crm', externalId: 'ü 1', emailVerified: true, details: '{"n":1.0}' },
        { userId: id + 1, source: 'crm', externalId: null, emailVerified: null, details: '{}' },
      ]);
      await transaction.origins.insertOrganization(second, { source: 'crm', externalId: 't 1' });
      // One membership has ended, one ends later; two have left, so the last id of a membership is in no row.
      await setMember(transaction, second, id, 'admin', 1_700_000_000_000, 1_700_000_001_000);
      await setMember(transaction, second, id + 1, 'member', 1_700_000_000_000, 4_102_444_800_000);
      for (const userId of [id + 2, id + 3]) {
        await setMember(transaction, second, userId, 'member', 1_700_000_000_000);
        await removeMember(transaction, second, userId, 1_700_000_002_000);
      }
    });
    await request('PATCH', `/api/v2/users/${id}`, {
      token,
      body: document({ last_name: 'changed' }, String(id)),
    });
    for (const resource of resources) {
      const { rowCount } = await store.read.records(resource).state();
      if (rowCount === 0) await store.write(({ records }) => records(resource).insert(minimalRow(resource)));
    }
    const last = await createUser({ email: 'last@email.com' });
    const deletedTokenId = (await store.read.sessions.list(last.id))[0]!.id;
    await store.write(async (transaction) => {
      await transaction.passwords.setAttempts(id, 3, 1_700_000_000_000);
      await transaction.emailAttempts.setAttempts(id, 2, 1_700_000_000_000);
      const [none, one] = [0, 1].map((failures) => ({ failures, blockedUntil: 0 })) as [
        AttemptCount,
        AttemptCount,
      ];
      await transaction.signInAttempts.replace('digest', none, one, 4_102_444_800_000);
      const noted = { now: 1_700_000_000_000, since: 0, maxKept: 20 };
      await transaction.knownAddresses.note(id, '203.0.113.7', noted);
      await transaction.knownDevices.note(id, 'digest', noted);
      const times = { createdAt: 1_700_000_000_000, expiresAt: 4_102_444_800_000 };
      const link = await transaction.links.create(
        {
          ...{ purpose: 'password_reset', userId: id, invitationId: null, email: null, nonce: 'nonce' },
          ...times,
        },
        () => 'hash of a link',
      );
      await transaction.mails.create({
        ...{ kind: 'password_reset', data: { first_password: false }, userId: id, linkId: link.id },
        ...{ toAddress: 'ann@email.com', toName: null, locale: 'en', state: 'queued', deleteAt: null },
        createdAt: times.createdAt,
      });
      const key = { userId: id, route: 'POST /api/v2/users', keyHash: 'hash' };
      const created = { bodyDigest: 'digest', createdId: id, createdAt: 1_700_000_000_000 };
      await transaction.idempotencyKeys.keep(key, created, 0);
      await transaction.records(users).delete(last.id);
    });
    return { id, token, deletedId: last.id, deletedTokenId };
  });
}
