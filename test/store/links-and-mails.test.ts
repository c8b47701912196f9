// The contract of the store on each engine: links in mails, and mails.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { organizations } from '../../src/resources/organizations/organizations.ts';
import { users } from '../../src/resources/users/users.ts';
import type { NewLink } from '../../src/store/links.ts';
import type { NewMail } from '../../src/store/mails.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyDatabase, emptyStore, onEachEngine } from '../support/engines.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');
const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

function insertUser(store: Store, email: string): Promise<number> {
  const row = { email, first_name: 'Ann', last_name: 'Lee', updated_at: now };
  return store.write((transaction) => transaction.records(users).insert(row));
}

const reset: NewLink = {
  purpose: 'password_reset',
  userId: null,
  invitationId: null,
  organizationId: null,
  email: null,
  nonce: 'nonce',
  createdAt: now,
  expiresAt: now + hourMs,
};

const hashOf = (id: number) => `hash of ${id}`;

function createLink(store: Store, link: Partial<NewLink> = {}): Promise<number> {
  return store.write(async ({ links }) => (await links.create({ ...reset, ...link }, hashOf)).id);
}

const mail = {
  kind: 'password_reset',
  data: { first_password: false },
  userId: null,
  toAddress: 'ann@email.com',
  toName: 'Ann Lee',
  locale: 'de',
  linkId: null,
  state: 'queued',
  createdAt: now,
  deleteAt: null,
} as const;

function createMail(store: Store, values: Partial<NewMail> = {}): Promise<number> {
  return store.write(({ mails }) => mails.create({ ...mail, ...values } as NewMail));
}

onEachEngine((engine) => {
  test('a link is found until it is used, and only for its purpose', async (t) => {
    const store = await emptyStore(t, engine);
    const userId = await insertUser(store, 'ann@email.com');
    const id = await createLink(store, { userId, email: 'old@email.com' });
    const email = 'old@email.com';
    const row = { ...reset, id, tokenHash: hashOf(id), userId, email, usedAt: null };
    const { find } = store.read.links;
    const claim = (hash: string, at: number) =>
      store.write(({ links }) => links.claim(hash, 'password_reset', at));

    assert.deepEqual(await find(hashOf(id), 'password_reset', now), row);
    assert.deepEqual(await find(hashOf(id), 'password_reset', now + hourMs - 1), row);
    assert.equal(await find(hashOf(id), 'password_reset', now + hourMs), null);
    assert.equal(await find(hashOf(id), 'email_undo', now), null);
    assert.equal(await find(hashOf(id + 1), 'password_reset', now), null);

    assert.equal(await claim(hashOf(id), now + hourMs), null);
    assert.deepEqual(await claim(hashOf(id), now + 1), { ...row, usedAt: now + 1 });
    assert.equal(await claim(hashOf(id), now + 1), null);
    assert.equal(await find(hashOf(id), 'password_reset', now + 1), null);
  });

  test('of a hundred who use a link at once, on two instances, one can', async (t) => {
    const open = await emptyDatabase(t, engine, { databaseConnectTimeoutMs: 60_000 });
    const stores = [await open(), await open()];
    const id = await createLink(stores[0]!);
    const claims = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        stores[i % 2]!.write(({ links }) => links.claim(hashOf(id), 'password_reset', now)),
      ),
    );
    assert.equal(claims.filter((claim) => claim !== null).length, 1);
  });

  test('a link that was used in a transaction which fails can still be used', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await createLink(store);
    const failing = store.write(async ({ links }) => {
      assert.notEqual(await links.claim(hashOf(id), 'password_reset', now), null);
      throw new Error('no');
    });
    await assert.rejects(failing, /^Error: no$/);
    assert.notEqual(await store.read.links.find(hashOf(id), 'password_reset', now), null);
  });

  test('links of an account are ended by purpose, and from one on', async (t) => {
    const store = await emptyStore(t, engine);
    const [ann, bob] = [await insertUser(store, 'ann@email.com'), await insertUser(store, 'bob@email.com')];
    const undo = { purpose: 'email_undo', email: 'old@email.com' } as const;
    const first = await createLink(store, { ...undo, userId: ann });
    const second = await createLink(store, { ...undo, userId: ann });
    const third = await createLink(store, { ...undo, userId: ann });
    const expired = await createLink(store, { userId: ann, expiresAt: now });
    const ofAnn = await createLink(store, { userId: ann });
    const ofBob = await createLink(store, { ...undo, userId: bob });
    const invited = await createLink(store, { purpose: 'invitation', invitationId: 7 });
    const open = async () => {
      const purposes = ['email_undo', 'password_reset', 'invitation'] as const;
      const ids = [first, second, third, expired, ofAnn, ofBob, invited];
      const found = await Promise.all(
        ids.map(async (id) => {
          const links = await Promise.all(
            purposes.map((purpose) => store.read.links.find(hashOf(id), purpose, now)),
          );
          return links.some((link) => link !== null);
        }),
      );
      return ids.filter((_, i) => found[i]);
    };
    const end: Parameters<typeof store.write<number>>[0] = ({ links }) =>
      links.end({ userId: ann }, ['email_undo', 'password_reset'], now, first);

    assert.deepEqual(await open(), [first, second, third, ofAnn, ofBob, invited]);
    assert.equal(await store.write(end), 3);
    assert.deepEqual(await open(), [first, ofBob, invited]);
    assert.equal(await store.write(end), 0);
    assert.equal(await store.write(({ links }) => links.end({ invitationId: 8 }, ['invitation'], now)), 0);
    assert.equal(await store.write(({ links }) => links.end({ invitationId: 7 }, ['invitation'], now)), 1);
    assert.deepEqual(await open(), [first, ofBob]);
    await assert.rejects(
      store.write(({ links }) => links.end({}, ['email_undo'], now)),
      /Say whose links/,
    );
  });

  test('a link that was asked for with a join link ends by its organization, and is gone with it', async (t) => {
    const store = await emptyStore(t, engine);
    const organizationOf = (name: string) =>
      store.write((transaction) => insertOrganization(transaction, { name }, now));
    const [acme, globex] = [await organizationOf('Acme'), await organizationOf('Globex')];
    const asked = { purpose: 'invitation', email: 'new@email.com' } as const;
    const ids = [];
    for (const organizationId of [acme, acme, globex])
      ids.push(await createLink(store, { ...asked, organizationId }));
    const find = (id: number) => store.read.links.find(hashOf(id), 'invitation', now);
    assert.equal((await find(ids[0]!))?.organizationId, acme);
    const end: Parameters<typeof store.write<number>>[0] = ({ links }) =>
      links.end({ organizationId: acme }, ['invitation'], now);
    assert.equal(await store.write(end), 2);
    assert.deepEqual([await find(ids[0]!), await find(ids[1]!)], [null, null]);
    assert.equal((await find(ids[2]!))?.email, 'new@email.com');
    await store.write((transaction) => transaction.records(organizations).delete(globex));
    assert.equal(await find(ids[2]!), null);
  });

  test('the organization of a join link is found by the beginning of its secret', async (t) => {
    const store = await emptyStore(t, engine);
    const ids: number[] = [];
    for (const invitation_token of ['beginning and more', 'beginnig and more', null])
      ids.push(
        await store.write(async (transaction) => {
          const id = await insertOrganization(transaction, { name: 'Acme' }, now);
          await transaction.records(organizations).update(id, { invitation_token });
          return id;
        }),
      );
    const found = async (beginning: string) =>
      (await store.read.organizations.joinable(beginning)).map((one) => [one.id, one.invitationToken]);
    assert.deepEqual(await found('beginnin'), [[ids[0], 'beginning and more']]);
    for (const none of ['', 'begin', 'beginning', 'BEGINNIN']) assert.deepEqual(await found(none), []);
  });

  test('the hash of a link is replaced until it is used', async (t) => {
    const store = await emptyStore(t, engine);
    const id = await createLink(store);
    const replace = (hash: string) => store.write(({ links }) => links.replaceHash(id, hash));
    await replace('another');
    assert.equal(await store.read.links.find(hashOf(id), 'password_reset', now), null);
    assert.equal((await store.read.links.find('another', 'password_reset', now))?.id, id);
    await store.write(({ links }) => links.claim('another', 'password_reset', now));
    await replace('a third');
    assert.equal(await store.write(({ links }) => links.claim('a third', 'password_reset', now)), null);
  });

  test('ended links are deleted in batches, with their mails', async (t) => {
    const store = await emptyStore(t, engine);
    const ids: number[] = [];
    for (const i of [0, 1, 2]) ids.push(await createLink(store, { expiresAt: now + i }));
    await createMail(store, { linkId: ids[0]! });
    const deleteExpired = (time: number) => store.write(({ links }) => links.deleteExpired(time, 2));
    assert.equal(await deleteExpired(now - 1), 0);
    assert.equal(await deleteExpired(now + 1), 2);
    assert.equal(await deleteExpired(now + 1), 0);
    assert.deepEqual(await store.read.mails.due(now, 10), []);
    await store.write(({ links }) => links.claim(hashOf(ids[2]!), 'password_reset', now + 1));
    assert.equal(await store.write(({ links }) => links.deleteUsed(now, 2)), 0);
    assert.equal(await store.write(({ links }) => links.deleteUsed(now + 1, 2)), 1);
  });

  test('a mail is sent by the one sender that has claimed it', async (t) => {
    const store = await emptyStore(t, engine);
    const linkId = await createLink(store, { email: 'old@email.com' });
    const userId = await insertUser(store, 'ann@email.com');
    const id = await createMail(store, { linkId, userId });
    const later = await createMail(store, { createdAt: now + 1 });
    const claim = (attempts: number, messageId: string) =>
      store.write(({ mails }) => mails.claim(id, attempts, { dueAt: now + 10, messageId }));
    const read = {
      ...{ ...mail, id, linkId, userId, attempts: 0, dueAt: now },
      ...{ lastError: null, messageId: null, sentAt: null },
      link: { ...reset, id: linkId, tokenHash: hashOf(linkId), email: 'old@email.com', usedAt: null },
    };

    assert.deepEqual(await store.read.mails.due(now - 1, 10), []);
    assert.deepEqual(await store.read.mails.due(now, 10), [read]);
    assert.deepEqual(
      (await store.read.mails.due(now + 1, 10)).map((due) => due.id),
      [id, later],
    );
    assert.equal((await store.read.mails.due(now + 1, 1)).length, 1);
    assert.deepEqual(await store.read.mails.outbox(), { queued: 2, oldestAt: now });

    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(0, 'first')));
    const claimed = claims.filter((one) => one !== null);
    assert.deepEqual(claimed, [{ ...read, attempts: 1, dueAt: now + 10, messageId: 'first' }]);
    assert.deepEqual((await store.read.mails.due(now + 9, 10)).length, 1);

    // The first sender hangs, and another one claims the mail, which keeps its Message-ID.
    assert.equal((await claim(1, 'second'))?.messageId, 'first');
    const retry = (attempts: number) =>
      store.write(({ mails }) => mails.retry(id, attempts, { dueAt: now + 20, error: '451 later' }));
    const end = (attempts: number) =>
      store.write(({ mails }) => mails.end(id, attempts, { state: 'sent', error: null, now: now + 30 }));
    assert.equal(await retry(1), false);
    assert.equal(await end(1), false);
    assert.equal(await retry(2), true);
    const [, retried] = await store.read.mails.due(now + 20, 10);
    assert.deepEqual([retried?.lastError, retried?.dueAt], ['451 later', now + 20]);
    assert.equal(await end(2), true);
    assert.equal(await end(2), false);
    assert.equal(await claim(2, 'third'), null);
    assert.deepEqual(await store.read.mails.outbox(), { queued: 1, oldestAt: now + 1 });

    const deleteUntil = (time: number) => store.write(({ mails }) => mails.deleteUntil(time, 10));
    assert.equal(await deleteUntil(now + 30 + 7 * dayMs - 1), 0);
    assert.equal(await deleteUntil(now + 30 + 7 * dayMs), 1);
  });

  test('mails in the mailbox are listed, the newest first, and never sent', async (t) => {
    const store = await emptyStore(t, engine);
    assert.deepEqual(await store.read.mails.outbox(), { queued: 0, oldestAt: null });
    const first = await createMail(store, { state: 'mailbox', deleteAt: now + dayMs });
    await createMail(store, { state: 'decoy', deleteAt: now });
    const queued = [await createMail(store), await createMail(store), await createMail(store)];
    const move = () => store.write(({ mails }) => mails.moveToMailbox(now, 2));
    assert.deepEqual([await move(), await move(), await move()], [2, 1, 0]);
    assert.deepEqual(await store.read.mails.due(now + dayMs, 10), []);
    const ids = async (limit: number, skipped: number) =>
      (await store.read.mails.mailbox(limit, skipped)).map(({ id }) => id);
    assert.deepEqual(await ids(10, 0), [...queued.reverse(), first]);
    assert.deepEqual(await ids(2, 1), queued.slice(1));
    assert.equal(await store.read.mails.countMailbox(), 4);
    const deleteUntil = (time: number) => store.write(({ mails }) => mails.deleteUntil(time, 3));
    assert.equal(await deleteUntil(now), 1);
    assert.equal(await deleteUntil(now + dayMs), 3);
    assert.equal(await store.read.mails.countMailbox(), 1);
  });

  test('the mails and links of an account are deleted with it', async (t) => {
    const store = await emptyStore(t, engine);
    const userId = await insertUser(store, 'ann@email.com');
    const linkId = await createLink(store, { userId });
    await createMail(store, { userId });
    await createMail(store, { linkId });
    await store.write((transaction) => transaction.records(users).delete(userId));
    assert.deepEqual(await store.read.mails.due(now, 10), []);
    assert.equal(await store.read.links.find(hashOf(linkId), 'password_reset', now), null);
  });
});
