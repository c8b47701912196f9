// Mails and their links, created in the transaction of an act.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openMail } from '../../src/open-mail.ts';
import { countMail, requireMail } from '../../src/resources/mails/count-mail.ts';
import { deleteMails } from '../../src/resources/mails/delete-mails.ts';
import type { MailService } from '../../src/resources/mails/mail-service.ts';
import { type MailToQueue, queueDecoy, queueMail } from '../../src/resources/mails/queue-mail.ts';
import { hashToken } from '../../src/security/tokens.ts';
import { memoryRequestCounter } from '../../src/store/memory-request-counter.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyStore, onEachEngine } from '../support/engines.ts';
import { mailsTo } from '../support/mails.ts';
import { testLinkSecret } from '../support/start-app.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const settings = readConfig({ linkSecret: testLinkSecret }, {});
const mail = openMail(settings);
const services = { mail, clock: () => now };

const resetMail: MailToQueue<'password_reset'> = {
  kind: 'password_reset',
  userId: null,
  to: { address: 'ann@email.com', name: 'Ann Lee' },
  locale: 'hr',
  data: { first_password: true },
  link: { expiresAt: now + 60 * minuteMs },
};

const queue = (store: Store, service: MailService = mail) =>
  store.write((transaction) => queueMail({ ...services, mail: service }, transaction, resetMail));

onEachEngine((engine) => {
  test('a mail has a link whose token opens it, and neither token nor secret is stored', async (t) => {
    const store = await emptyStore(t, engine);
    await queue(store);
    await queue(store);
    const [first, second] = await mailsTo({ store, url: '' }, 'ann@email.com');
    assert.equal(first!.state, 'mailbox');
    assert.deepEqual(first!.data, { first_password: true });
    assert.match(first!.token!, /^[\w-]{43}$/);
    assert.notEqual(first!.token, second!.token);
    const { find } = store.read.links;
    for (const one of [first, second])
      assert.deepEqual(await find(hashToken(one!.token!), 'password_reset', now), one!.link);
    assert.deepEqual(await mailsTo({ store, url: '' }, 'bob@email.com'), []);
  });

  test('a mail and its link are written with the act, or not at all', async (t) => {
    const store = await emptyStore(t, engine);
    const failing = store.write(async (transaction) => {
      await queueMail(services, transaction, resetMail);
      throw new Error('no');
    });
    await assert.rejects(failing, /^Error: no$/);
    assert.deepEqual(await mailsTo({ store, url: '' }, 'ann@email.com'), []);
  });

  test('a mail is to be sent where there is SMTP, and there is none where mail is off', async (t) => {
    const store = await emptyStore(t, engine);
    await queue(store, { ...mail, mode: 'off' });
    await queue(store, { ...mail, mode: 'smtp', firstState: 'queued' });
    const { length } = await store.read.mails.due(now, 10);
    assert.deepEqual([length, await store.read.mails.countMailbox()], [1, 0]);
  });

  test('nobody gets a decoy, and the next run deletes it', async (t) => {
    const store = await emptyStore(t, engine);
    await store.write((transaction) => queueDecoy(services, transaction, 'password_reset'));
    assert.deepEqual((await store.info()).counts.mails, 1);
    assert.deepEqual(await store.read.mails.due(now, 10), []);
    assert.equal(await store.read.mails.countMailbox(), 0);
    const run = { write: store.write, signal: new AbortController().signal };
    assert.equal(await deleteMails(run, () => now), 2);
    const { mails, links } = (await store.info()).counts;
    assert.deepEqual([mails, links], [0, 0]);
  });

  test('a mail leaves the mailbox after a day, and its link 30 days after its end', async (t) => {
    const store = await emptyStore(t, engine);
    await queue(store);
    const run = { write: store.write, signal: new AbortController().signal };
    const end = resetMail.link.expiresAt;
    for (const [time, deleted] of [
      [now + dayMs - 1, 0],
      [now + dayMs, 1],
      [end + 30 * dayMs - 1, 0],
      [end + 30 * dayMs, 1],
    ] as const)
      assert.equal(await deleteMails(run, () => time), deleted, new Date(time).toISOString());
  });
});

test('so many mails in an hour go to one mailbox, and come from one client', async () => {
  const requestCounter = memoryRequestCounter();
  const limited = {
    mail: { ...mail, maxPerAddress: 2, maxPerClient: 4 },
    store: { requestCounter } as Store,
  };
  const count = async (to: string, network: string) =>
    (await countMail(limited, { to, network }))?.limit ?? 0;
  assert.equal(await count('ann@email.com', '192.0.2.1'), 0);
  // Another form of the same address.
  assert.equal(await count('ANN@email.com', '192.0.2.2'), 0);
  assert.equal(await count('ann@email.com', '192.0.2.3'), 2);
  for (const to of ['bob@email.com', 'cid@email.com', 'dan@email.com'])
    assert.equal(await count(to, '192.0.2.1'), 0);
  assert.equal(await count('eve@email.com', '192.0.2.1'), 4);
  // What the client may not cause any more does not count for the mailbox.
  for (const _ of [1, 2, 3]) await count('fay@email.com', '192.0.2.1');
  assert.equal(await count('fay@email.com', '192.0.2.9'), 0);
  await assert.rejects(requireMail(limited, { to: 'ann@email.com', network: '192.0.2.3' }), {
    code: 'too_many_requests',
  });
  const unlimited = { ...limited, mail: { ...mail, maxPerAddress: 0, maxPerClient: 0 } };
  assert.equal(await countMail(unlimited, { to: 'ann@email.com', network: '192.0.2.1' }), null);
});
