// Links of invitations that many use at the same time, and what happens while a password is being hashed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import type { Store } from '../../../src/store/store.ts';
import { withChangeBeforeWrite } from '../../support/change-before-write.ts';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { brokenRules, outcome } from '../../support/read-answers.ts';
import { recordedCalls } from '../../support/recorded-calls.ts';
import { serveStore, type TestApp } from '../../support/start-app.ts';
import { sendAround, startInstances } from '../../support/two-instances.ts';
import { documentOf } from '../people/start-people.ts';
import { signInAt } from '../sessions/start-sign-in.ts';
import { acceptingAt, ina, linkTo, password, path, startAccepting } from './start-accepting.ts';

const names = { first_name: 'Ina', last_name: 'Ost' };

/** An organization with an owner, who has invited this address. */
async function invite(app: TestApp, email: string) {
  const organizationId = await app.createOrganization('Acme');
  const owner = await app.createUser({ email: 'ola@acme.example', organizationId, role: 'owner' });
  const answer = await app.request('POST', `/api/v2/organizations/${organizationId}/invitations`, {
    ...owner,
    body: documentOf('invitations', { email, ...names }),
  });
  assert.equal(answer.status, 201, answer.text);
  return { organizationId, token: await linkTo(app, email) };
}

/** How many answers of each kind there are. */
const counted = (answers: readonly { status: number; body: any }[]) =>
  [...Map.groupBy(answers, outcome)].map(([what, { length }]) => `${length} ${what}`).sort();

onEachEngine((engine) => {
  test('S12, E12 of a hundred who accept by one link at once, at two instances, one gets the account', async (t) => {
    const { one, other } = await startInstances(t, engine);
    const { organizationId, token } = await invite(one, ina);
    const passwords = Array.from({ length: 100 }, (_, i) => `${password} ${i}`);
    const instances = [one, other].map(acceptingAt);
    const answers = await Promise.all(
      passwords.map((each, i) => instances[i % 2]!.accept(token, { password: each })),
    );
    assert.deepEqual(counted(answers), ['1 204', '99 404 record_not_found']);
    const winner = passwords[answers.findIndex(({ status }) => status === 204)]!;
    assert.equal((await signInAt(other)(ina, winner)).status, 201);
    const { read } = one.store;
    assert.equal((await read.records(users).state()).rowCount, 2);
    assert.equal((await read.memberships.usersOf(organizationId, ['member'], 0, 10)).length, 1);
    const notices = (await mailsTo(one, 'ola@acme.example')).map(({ kind }) => kind);
    assert.deepEqual(notices, ['invitation_accepted']);
  });

  test('S12, E12 of a hundred requests of an account with one link at once, at two instances, one accepts', async (t) => {
    const { one, other } = await startInstances(t, engine);
    const user = await one.createUser({ email: ina });
    const { organizationId, token } = await invite(one, ina);
    const instances = [one, other].map(acceptingAt);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => instances[i % 2]!.accept(token, {}, { token: user.token })),
    );
    assert.deepEqual(counted(answers), ['1 204', '99 404 record_not_found']);
    assert.equal(await one.store.read.memberships.role(organizationId, user.id, one.clock.now), 'member');
  });

  test('E12 who gets the address while the password is hashed keeps it: the link waits for their token', async (t) => {
    const { app, linkFor } = await startAccepting(t, engine);
    const token = await linkFor(ina, names);
    const { write } = app.store;
    const row = { email: ina, first_name: 'Other', last_name: 'One', updated_at: app.clock.now };
    let id = 0;
    const raced = withChangeBeforeWrite(app.store, async () => {
      if (id === 0) id = await write((transaction) => transaction.records(users).insert(row));
    });
    const { accept } = acceptingAt(await serveStore(t, raced));
    assert.equal(outcome(await accept(token)), '401 invalid_auth_token');
    assert.equal(await app.store.read.passwords.find(id), null);
    const answer = await acceptingAt(app).accept(token, {}, { token: await app.createToken(id) });
    assert.equal(answer.status, 204);
  });

  test('E12 an invitation that is taken back while the password is hashed makes no account', async (t) => {
    const { app, invited, account } = await startAccepting(t, engine);
    const { id } = await invited(ina, names);
    const token = await linkTo(app, ina);
    const { write } = app.store;
    const raced = withChangeBeforeWrite(app.store, () => write(({ invitations }) => invitations.erase([id])));
    const { accept } = acceptingAt(await serveStore(t, raced));
    assert.equal(outcome(await accept(token)), '404 record_not_found');
    assert.equal(await account(ina), null);
  });

  test('E12 an account that changes its address meanwhile does not accept', async (t) => {
    const { app, invited, roleOf } = await startAccepting(t, engine);
    const user = await app.createUser({ email: ina });
    await invited(ina);
    const token = await linkTo(app, ina);
    const { write, writesAs } = app.store;
    const change = () =>
      write((transaction) => transaction.records(users).update(user.id, { email: 'b@new.example' }));
    const raced: Store = {
      ...app.store,
      writesAs(caller) {
        const writes = writesAs(caller);
        return {
          ...writes,
          async write(work, locks) {
            await change();
            return writes.write(work, locks);
          },
        };
      },
    };
    const { accept } = acceptingAt(await serveStore(t, raced));
    assert.equal(outcome(await accept(token, {}, user)), '409 invitation_for_another_account');
    assert.equal(await roleOf(user.id), null);
    assert.deepEqual(brokenRules(await acceptingAt(app).accept(token, {})).sort(), [
      "first_name can't be blank",
      "last_name can't be blank",
      "password can't be blank",
    ]);
  });

  test('a token that is revoked before the body has come accepts nothing', async (t) => {
    const instances = await startInstances(t, engine);
    const { one, other } = instances;
    const user = await one.createUser({ email: ina });
    const { organizationId, token } = await invite(one, ina);
    const request = {
      method: 'PATCH',
      path: `${path}/${token}`,
      token: user.token,
      body: documentOf('invitations', {}),
    };
    const answer = await sendAround(t, instances, request, () =>
      other.request('DELETE', '/api/v2/sessions/current', { token: user.token }),
    );
    assert.equal(outcome(answer), '401 invalid_auth_token');
    assert.equal(await one.store.read.memberships.role(organizationId, user.id, one.clock.now), null);
  });

  test('S15 the same calls to the database follow for every address that asks with a join link', async (t) => {
    const { app: first, joinLink, invited } = await startAccepting(t, engine);
    const token = await joinLink();
    const ended = { account_access_expires_at: first.clock.now };
    await first.createUser({ email: 'account@new.example' });
    await first.createUser({ email: 'ended@new.example', values: ended });
    await invited('invited@new.example');
    const recorded = recordedCalls(first.store);
    const { ask } = acceptingAt(await serveStore(t, recorded.store, { trustedProxies: 'loopback' }));
    const emails = [
      'mia@acme.example',
      ...['invited', 'account', 'ended', 'nobody'].map((one) => `${one}@new.example`),
    ];
    // The sixth request is above the limit of the mailbox.
    for (let round = 0; round < 6; round++) {
      const calls: (readonly string[])[] = [];
      for (const email of emails) {
        recorded.taken();
        assert.equal((await ask({ token, email })).status, 204);
        calls.push(recorded.taken());
      }
      for (const made of calls) assert.deepEqual(made, calls[0]);
      assert.ok(calls[0]!.includes('transaction.mails.create'), `${calls[0]}`);
    }
  });
});
