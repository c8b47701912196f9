// Two requests at once, at two instances, about one invitation: one of them wins, and nothing is left half done.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Config } from '../../../src/config.ts';
import { openStore } from '../../../src/open-store.ts';
import { acceptInvitation } from '../../../src/resources/invitations/accept-invitation.ts';
import { invitations } from '../../../src/resources/invitations/invitations.ts';
import { byOperator } from '../../../src/resources/operations/record-change.ts';
import { people } from '../../../src/resources/people/people.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import { onTables } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { outcome } from '../../support/read-answers.ts';
import { serveStore, type TestApp } from '../../support/start-app.ts';
import { documentOf } from '../people/start-people.ts';

const rounds = 10;

interface Race {
  readonly acme: number;
  readonly owner: { readonly id: number; readonly token: string };
  readonly email: string;
  invite(app: TestApp): Promise<string>;
}

async function race(
  t: TestContext,
  engine: EngineName,
  run: (here: TestApp, there: TestApp, race: Race) => Promise<void>,
): Promise<void> {
  const config: Config = { ...(await clearedConfig(t, engine)), workers: 2 };
  const stores = [await openStore(config), await openStore(config)];
  for (const store of stores) t.after(() => store.close());
  const settings = { mailsPerAddress: '0', mailsPerClient: '0' };
  const [here, there] = [
    await serveStore(t, stores[0]!, settings),
    await serveStore(t, stores[1]!, settings),
  ];
  for (let round = 0; round < rounds; round++) {
    const acme = await here.createOrganization();
    const email = `guest${round}@new.example`;
    const owner = await here.createUser({
      organizationId: acme,
      role: 'owner',
      email: `o${round}@acme.example`,
    });
    await run(here, there, {
      acme,
      owner,
      email,
      async invite(app) {
        const body = documentOf('invitations', { email });
        const path = `/api/v2/organizations/${acme}/invitations`;
        return outcome(await app.request('POST', path, { token: owner.token, body }));
      },
    });
  }
  // No person waits without an invitation.
  const waiting = await onTables(
    config,
    'SELECT id FROM people WHERE user_id IS NULL AND id NOT IN (SELECT person_id FROM invitations)',
  );
  assert.deepEqual(waiting, []);
}

const invited = async ({ store }: TestApp, organizationId: number) => {
  const filter = { attribute: 'organization_id', operator: 'eq', values: [organizationId] } as const;
  const query = {
    ...{ filter, fields: null, sort: [{ attribute: 'id', descending: false }] },
    page: { by: 'number', number: 1, size: 10 },
  } as const;
  const rows = await store.read.records(invitations).page(query, null, null);
  return store.read.records(invitations).findMany(rows.map(({ id }) => id));
};

onEachEngine((engine) => {
  test('of two invitations of one address one is made, with one mail', async (t) => {
    await race(t, engine, async (here, there, { acme, email, invite }) => {
      const outcomes = await Promise.all([invite(here), invite(there), invite(here), invite(there)]);
      assert.deepEqual(outcomes.sort(), ['201', ...Array(3).fill('422 invalid_attribute')]);
      assert.equal((await invited(here, acme)).length, 1);
      assert.equal((await mailsTo(here, email)).length, 1);
    });
  });

  test('an invitation is taken back or accepted, never both', async (t) => {
    await race(t, engine, async (here, there, { acme, owner, email, invite }) => {
      await invite(here);
      const [invitation] = await invited(here, acme);
      const account = await here.createUser({ email });
      const token = (await mailsTo(here, email))[0]!.token!;
      const { now } = there.clock;
      const accepting = there.store.write(
        async (transaction) => {
          const link = await transaction.links.claim(hashToken(token), 'invitation', now);
          if (link === null) return false;
          const found = (await transaction.records(invitations).findForUpdate(link.invitationId!))!;
          await acceptInvitation(transaction, byOperator, found, account.id, now);
          return true;
        },
        { organization: { id: acme, isShared: false }, userIds: [account.id] },
      );
      const deleting = here.request('DELETE', `/api/v2/invitations/${invitation!.id}`, owner);
      const [isAccepted, deleted] = await Promise.all([accepting, deleting]);
      assert.equal(outcome(deleted), isAccepted ? '404 record_not_found' : '204');
      assert.equal((await there.store.read.memberships.idOf(acme, account.id)) !== null, isAccepted);
      const person = await there.store.read.records(people).find(invitation!.person_id);
      assert.equal(person?.user_id ?? null, isAccepted ? account.id : null);
      assert.deepEqual(await invited(here, acme), []);
    });
  });

  test('while the organization is deleted, nobody is invited to it any more', async (t) => {
    await race(t, engine, async (here, there, { acme, owner, email, invite }) => {
      const [made, deleted] = await Promise.all([
        invite(here),
        there.request('DELETE', `/api/v2/organizations/${acme}`, owner),
      ]);
      assert.equal(outcome(deleted), '204');
      assert.match(made, /^(201|404 record_not_found)$/);
      assert.deepEqual(await invited(here, acme), []);
      for (const { token } of await mailsTo(here, email)) {
        const hash = hashToken(token!);
        assert.equal(await here.store.read.links.find(hash, 'invitation', here.clock.now), null);
      }
    });
  });
});
