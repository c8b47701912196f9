// A role that is lost between the first check of a request and its transaction.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invitations } from '../../../src/resources/invitations/invitations.ts';
import { emptyStore, onEachEngine } from '../../support/engines.ts';
import { insertInvitation } from '../../support/invitations.ts';
import { setMember } from '../../support/members.ts';
import { outcome } from '../../support/read-answers.ts';
import { serveStore } from '../../support/start-app.ts';
import { documentOf } from '../people/start-people.ts';

onEachEngine((engine) => {
  test('whoever administers another organization, and this one no more, invites nobody to it', async (t) => {
    const store = await emptyStore(t, engine);
    /** Called when mails are counted, which is after the first check. */
    let meanwhile = async () => {};
    const { requestCounter } = store;
    const app = await serveStore(t, {
      ...store,
      requestCounter: {
        close() {},
        async count(...asked) {
          await meanwhile();
          return requestCounter.count(...asked);
        },
      },
    });
    const [acme, elsewhere] = [await app.createOrganization(), await app.createOrganization()];
    const caller = await app.createUser({ organizationId: elsewhere, role: 'owner' });
    const become = (role: 'owner' | 'member') =>
      store.write((transaction) => setMember(transaction, acme, caller.id, role, app.clock.now));
    const { id } = await insertInvitation(app, acme, 'ida@new.example');
    const body = documentOf('invitations', { email: 'ina@new.example' });
    const requests = [
      ['POST', `/api/v2/organizations/${acme}/invitations`, { body }, '403 access_denied'],
      ['PUT', `/api/v2/invitations/${id}/resend`, {}, '404 record_not_found'],
    ] as const;
    for (const [method, path, options, expected] of requests) {
      await become('owner');
      meanwhile = () => become('member');
      assert.equal(outcome(await app.request(method, path, { ...caller, ...options })), expected);
    }
    assert.equal(await store.read.records(invitations).count(null, null), 1);
    assert.deepEqual(await store.read.mails.mailbox(10, 0), []);
  });
});
