// Two requests at once, at two instances, that change the owners of one organization: one of them wins.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Config } from '../../../src/config.ts';
import { openStore } from '../../../src/open-store.ts';
import { users } from '../../../src/resources/users/users.ts';
import { onTables } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { setMember } from '../../support/members.ts';
import { outcome } from '../../support/read-answers.ts';
import { type Answer, document, serveStore, type TestApp } from '../../support/start-app.ts';
import { membershipDocument, membershipsPath } from './start-memberships.ts';

const rounds = 15;
const later = '2030-01-01T00:00:00Z';

interface Owner {
  readonly id: number;
  readonly token: string;
  readonly path: string;
}

interface Race {
  readonly acme: number;
  readonly manager: { readonly id: number; readonly token: string };
  readonly one: Owner;
  readonly other: Owner;
}

/** Deadlocks of the database, counted when its connections have closed. */
const deadlocks = async (config: Config) => {
  const counted = 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()';
  return (await onTables(config, counted))[0]!.deadlocks;
};

/** Runs the race with new organizations, then checks that no transaction ended in a deadlock. */
async function race(
  t: TestContext,
  engine: EngineName,
  run: (here: TestApp, there: TestApp, race: Race, round: number) => Promise<void>,
): Promise<void> {
  const config: Config = { ...(await clearedConfig(t, engine)), workers: 2 };
  const before = engine === 'postgres' ? await deadlocks(config) : 0;
  const stores = [await openStore(config), await openStore(config)];
  try {
    const [here, there] = [await serveStore(t, stores[0]!), await serveStore(t, stores[1]!)];
    const manager = await here.createUser({
      sysadmin: ['manage_organizations', 'manage_users'],
      email: 'm@email.com',
    });
    for (let round = 0; round < rounds; round++) {
      const acme = await here.createOrganization();
      const owner = async (name: string): Promise<Owner> => {
        const user = await here.createUser({
          organizationId: acme,
          role: 'owner',
          email: `${name}${round}@email.com`,
        });
        return {
          ...user,
          path: `${membershipsPath}/${await here.store.read.memberships.idOf(acme, user.id)}`,
        };
      };
      // The one with the greater id asks the first instance in every other round.
      const owners = [await owner('one'), await owner('other')];
      if (round % 2 === 1) owners.reverse();
      await run(here, there, { acme, manager, one: owners[0]!, other: owners[1]! }, round);
    }
    await here.close();
    await there.close();
  } finally {
    for (const store of stores) await store.close();
  }
  if (engine === 'postgres') assert.equal(await deadlocks(config), before, 'a deadlock');
}

type Act = (app: TestApp, race: Race, by: Owner, whom: Owner) => Promise<Answer>;

const patch = (app: TestApp, token: string, path: string, given: Record<string, unknown>) =>
  app.request('PATCH', path, { token, body: membershipDocument(given) });

const demote: Act = (app, _race, by, whom) => patch(app, by.token, whom.path, { role: 'member' });
const end: Act = (app, _race, by, whom) => patch(app, by.token, whom.path, { expires_at: later });
const remove: Act = (app, _race, by, whom) => app.request('DELETE', whom.path, { token: by.token });
const leave: Act = (app, _race, by) => app.request('DELETE', by.path, { token: by.token });
const stepDown: Act = (app, _race, by) => patch(app, by.token, by.path, { role: 'admin' });
const demoteByManager: Act = (app, { manager }, _by, whom) =>
  patch(app, manager.token, whom.path, { role: 'member' });

const refusals = /^(403 access_denied|404 record_not_found|409 resource_conflict|422 invalid_attribute)$/;

onEachEngine((engine) => {
  for (const [name, first, second] of [
    ['demote each other', demote, demote],
    ['demote and remove each other', demote, remove],
    ['demote each other and set an end', demote, end],
    ['remove each other', remove, remove],
    ['leave', leave, leave],
    ['leave and step down', leave, stepDown],
    [
      'leave, while a manager demotes the other,',
      leave,
      (...[app, one, by]) => demoteByManager(app, one, by, by),
    ],
  ] as readonly (readonly [string, Act, Act])[]) {
    test(`of two owners who ${name} at once, one wins, and an owner stays`, async (t) => {
      await race(t, engine, async (here, there, race, round) => {
        const { acme, one, other } = race;
        const answers = await Promise.all([first(here, race, one, other), second(there, race, other, one)]);
        const outcomes = answers.map(outcome).sort();
        assert.match(outcomes[0]!, /^20[04]$/, `round ${round}: ${outcomes}`);
        assert.match(outcomes[1]!, refusals, `round ${round}: ${outcomes}`);
        assert.equal(await here.store.read.memberships.hasLastingOwner(acme, 0), true, `round ${round}`);
      });
    });
  }

  test('owners of two organizations who remove each other from them at once both do, without a deadlock', async (t) => {
    await race(t, engine, async (here, there, { one, other }) => {
      const elsewhere = await here.createOrganization();
      await here.store.write(async (transaction) => {
        await setMember(transaction, elsewhere, other.id, 'owner', here.clock.now);
        await setMember(transaction, elsewhere, one.id, 'member', here.clock.now);
      });
      const path = `${membershipsPath}/${await here.store.read.memberships.idOf(elsewhere, one.id)}`;
      const answers = await Promise.all([
        here.request('DELETE', other.path, { token: one.token }),
        there.request('DELETE', path, { token: other.token }),
      ]);
      assert.deepEqual(answers.map(outcome), ['204', '204']);
    });
  });

  test('an undone address ends memberships while they and their organizations are deleted, without a deadlock', async (t) => {
    await race(t, engine, async (here, there, { manager, one }, round) => {
      const { email: old } = (await here.store.read.records(users).find(one.id))!;
      const body = document({ email: `${round}@next.example` });
      const moved = await here.request('PATCH', `/api/v2/users/${one.id}`, { token: one.token, body });
      assert.equal(moved.status, 200, moved.text);
      const [left, deleted] = [await here.createOrganization(), await here.createOrganization()];
      await here.store.write(async (transaction) => {
        for (const id of [left, deleted]) await setMember(transaction, id, one.id, 'member', here.clock.now);
        await setMember(transaction, deleted, manager.id, 'owner', here.clock.now);
      });
      const membership = await here.store.read.memberships.idOf(left, one.id);
      const link = (await mailsTo(here, old)).at(-1)!.token!;
      const [undone, ...others] = await Promise.all([
        here.request('PATCH', `/api/v2/email_undos/${link}`, {
          body: { data: { type: 'email_undos', id: link, attributes: {} } },
        }),
        there.request('DELETE', `${membershipsPath}/${membership}`, { token: manager.token }),
        there.request('DELETE', `/api/v2/organizations/${deleted}`, { token: manager.token }),
      ]);
      assert.equal(undone.status, 204, undone.text);
      assert.ok(others.every(({ status }) => status === 204 || status === 404));
      assert.equal((await here.store.read.memberships.listAllOf([one.id])).length, 1);
    });
  });

  test('the end of an account is never refused, and an owner who leaves at once stays if it came first', async (t) => {
    await race(t, engine, async (here, there, { manager, one, other, acme }) => {
      const body = document({ account_access_expires_at: later });
      const [left, ended] = await Promise.all([
        here.request('DELETE', one.path, { token: one.token }),
        there.request('PATCH', `/api/v2/users/${other.id}`, { token: manager.token, body }),
      ]);
      assert.equal(ended.status, 200, ended.text);
      assert.match(outcome(left), /^(204|409 resource_conflict)$/);
      const stays = (await here.store.read.memberships.idOf(acme, one.id)) !== null;
      assert.equal(stays, left.status === 409);
    });
  });

  test('of several POSTs of one membership one makes it', async (t) => {
    await race(t, engine, async (here, there, { manager, acme }, round) => {
      const { id } = await here.createUser({ email: `new${round}@email.com` });
      const send = (app: TestApp) =>
        app.request('POST', membershipsPath, {
          token: manager.token,
          body: membershipDocument({ organization_id: acme, user_id: id }),
        });
      const answers = await Promise.all([send(here), send(there), send(here), send(there)]);
      assert.deepEqual(answers.map(outcome).sort(), ['201', ...Array(3).fill('422 invalid_attribute')]);
      assert.equal((await here.store.read.memberships.listAllOf([id])).length, 1);
    });
  });

  test('a change of a membership, and the deletion of its account or organization, both end well', async (t) => {
    await race(t, engine, async (here, there, { manager, acme, one, other }, round) => {
      const whole = round % 3 === 0;
      const path = whole ? `/api/v2/organizations/${acme}` : `/api/v2/users/${other.id}`;
      const { token } = whole ? other : manager;
      const [changed, deleted, added] = await Promise.all([
        patch(here, one.token, other.path, { role: 'admin' }),
        there.request('DELETE', path, { token }),
        here.request('POST', membershipsPath, {
          token: manager.token,
          body: membershipDocument({ organization_id: acme, user_id: manager.id }),
        }),
      ]);
      assert.match(outcome(changed), /^(200|404 record_not_found)$/);
      assert.match(outcome(deleted), /^(204|403 access_denied)$/);
      assert.match(outcome(added), /^(201|422 invalid_attribute)$/);
      if (deleted.status !== 204) return;
      assert.equal(await here.store.read.memberships.idOf(acme, other.id), null);
    });
  });
});
