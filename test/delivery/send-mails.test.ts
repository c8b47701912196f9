// Queued mails through a real SMTP server: each arrives once, whatever the server answers, and nothing is lost.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { LeaseLost } from '../../src/delivery/scheduler.ts';
import { mailJobs } from '../../src/jobs.ts';
import type { MailKind } from '../../src/model/mail.ts';
import { openStore } from '../../src/open-store.ts';
import type { MailToQueue } from '../../src/resources/mails/queue-mail.ts';
import { linkToken } from '../../src/security/link-token.ts';
import { hashToken } from '../../src/security/tokens.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import type { MailRow } from '../../src/store/mails.ts';
import type { Store } from '../../src/store/store.ts';
import { onTables, rowsOf } from '../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';
import { noticeMail, queueMails, resetMail, sendingThrough } from '../support/queued-mails.ts';
import { type ReceivedMail, startSmtpServer } from '../support/smtp-server.ts';
import { testLinkSecret } from '../support/start-app.ts';

const timeout = 60_000;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const start = Date.parse('2026-03-17T04:04:00.843Z');
const [ann, bob, eve] = ['ann@email.com', 'bob@email.com', 'eve@email.com'];

const tokenIn = ({ text }: ReceivedMail) => /#([\w-]{43})\s/.exec(text!)![1]!;

onEachEngine((engine) => {
  /** A service that sends, its clock, and its mail server. */
  async function sender(t: TestContext) {
    const server = await startSmtpServer(t);
    const database = await clearedConfig(t, engine);
    const store = await openStore(database);
    const sending = sendingThrough(server);
    const clock = { now: start };
    const now = () => clock.now;
    const lines: string[] = [];
    const write = (details: object, message: string) =>
      void lines.push(`${message} ${JSON.stringify(details)}`);
    const log = { info: write, warn: write, error: write };
    const counted: string[] = [];
    const observeMail = (kind: MailKind, outcome: string) => void counted.push(`${kind} ${outcome}`);
    const jobOf = (settings: Readonly<Record<string, string>>, used: Store = store) =>
      mailJobs(readConfig({}, { ...sending, ...settings }), used, now, log, { observeMail })[0]!;
    let job = jobOf({});
    const stopping = new AbortController();
    t.after(async () => {
      stopping.abort();
      // Closes its connections.
      await job.work({ write: store.write, signal: stopping.signal });
      await store.close();
    });
    return {
      ...{ server, store, database, clock, lines, counted },
      queue: <K extends MailKind>(...mails: MailToQueue<K>[]) =>
        queueMails(store, readConfig({}, sending), mails, now),
      /** Runs the job as the scheduler does. @returns whether there was work */
      async run(writes: Store['write'] = store.write): Promise<boolean> {
        const hasWork = await job.hasWork!();
        if (hasWork) await job.work({ write: writes, signal: stopping.signal });
        return hasWork;
      },
      /** From now on, the service has these settings. */
      restart(settings: Readonly<Record<string, string>>, used: Store = store) {
        job = jobOf(settings, used);
      },
      /** The state of each mail, by its address. */
      async states(): Promise<Record<string, string>> {
        const rows = await rowsOf(database, 'mails');
        return Object.fromEntries(
          rows.map(({ to_address, state, attempts }) => [to_address, `${state} ${attempts}`]),
        );
      },
      row: async (address: string) =>
        (await rowsOf(database, 'mails')).find(({ to_address }) => to_address === address)!,
      /** The recipients of the mails that have arrived. */
      arrived: () => server.mails.map(({ recipient }) => recipient).sort(),
    };
  }

  test('a queued mail arrives, and the token in it opens its link', { timeout }, async (t) => {
    const { server, store, clock, queue, run, states, counted, lines } = await sender(t);
    await queue({ ...resetMail(ann, start), locale: 'de' });
    assert.equal(await run(), true);
    const [mail] = server.mails;
    assert.equal(mail!.recipient, ann);
    assert.match(mail!.text!, /https:\/\/users\.example\.com\/account\/reset\?lang=de#[\w-]{43}\s/);
    assert.match(mail!.messageId!, /^<[\w-]{36}@example\.com>$/);
    assert.equal(mail!.from!.text, '"Muster" <accounts@example.com>');
    assert.ok(await store.read.links.find(hashToken(tokenIn(mail!)), 'password_reset', clock.now));
    assert.deepEqual(await states(), { [ann]: 'sent 1' });
    assert.equal(await run(), false, 'nothing is left to do');
    assert.deepEqual(counted, ['password_reset sent']);
    assert.match(lines.join(), /mail sent .*"mail":1,"kind":"password_reset"/);
    assert.doesNotMatch(lines.join(), new RegExp(`@|https|${tokenIn(mail!)}`));
  });

  test('a mail whose link was used, was ended or has expired is not sent', { timeout }, async (t) => {
    const { store, clock, queue, run, arrived, states, counted } = await sender(t);
    await queue(
      { ...resetMail(ann, start), userId: null },
      resetMail(bob, start),
      resetMail(eve, start - 59 * minute),
    );
    clock.now += minute;
    const [first] = await store.read.mails.due(clock.now, 1);
    const token = hashToken(linkToken(testLinkSecret, first!.link!));
    assert.ok(await store.write(({ links }) => links.claim(token, 'password_reset', clock.now)));
    await run();
    assert.deepEqual(arrived(), [bob]);
    assert.deepEqual(await states(), { [ann]: 'canceled 0', [bob]: 'sent 1', [eve]: 'canceled 0' });
    assert.deepEqual(counted.sort(), [
      'password_reset canceled',
      'password_reset canceled',
      'password_reset sent',
    ]);
  });

  test('a mail that was queued under another secret has a link under this one', { timeout }, async (t) => {
    const { server, store, clock, queue, run, restart } = await sender(t);
    await queue(resetMail(ann, start));
    const [{ link }] = (await store.read.mails.due(clock.now, 1)) as [MailRow];
    const secret = 'another secret of links, of 48 characters.......';
    restart({ MUSTER_LINK_SECRET: secret });
    await run();
    const token = tokenIn(server.mails[0]!);
    assert.equal(token, linkToken(secret, link!));
    assert.ok(await store.read.links.find(hashToken(token), 'password_reset', clock.now));
    const before = hashToken(linkToken(testLinkSecret, link!));
    assert.equal(await store.read.links.find(before, 'password_reset', clock.now), null);
  });

  test('while the mail server is away mails wait, and then arrive once each', { timeout }, async (t) => {
    const { server, clock, queue, run, arrived, states, lines } = await sender(t);
    const many = Array.from({ length: 20 }, (_, i) => `person${i}@email.com`);
    await server.stop();
    await queue(...many.map((address) => resetMail(address, start)));
    let runs = 0;
    for (; clock.now < start + 10 * minute; clock.now += second) if (await run()) runs++;
    assert.ok(runs >= 10 && runs <= 40, `${runs} attempts in ten minutes`);
    // Not each mail tries whether the server is back.
    const attempts = Object.values(await states()).map((state) => Number(state.split(' ')[1]));
    assert.ok(attempts.reduce((sum, one) => sum + one) <= 3 * runs);
    assert.match(lines[0]!, /^mail not sent .*"outcome":"unreachable","reason":"CONN connect ECONNREFUSED/);

    await server.start();
    for (const end = clock.now + minute; clock.now < end; clock.now += second) await run();
    assert.deepEqual(arrived(), [...many].sort());
    assert.ok(Object.values(await states()).every((state) => state.startsWith('sent ')));
  });

  test('a mail that the server takes later is the same mail', { timeout }, async (t) => {
    const { server, clock, queue, run, arrived, row, counted } = await sender(t);
    let asked = 0;
    server.reply = (stage, about) =>
      stage === 'recipient' && about === ann && ++asked < 3 ? '451 4.7.1 come back later' : undefined;
    await queue(noticeMail(ann));
    await run();
    const { message_id, state, last_error } = await row(ann);
    assert.deepEqual([state, last_error], ['queued', 'RCPT TO 451 4.7.1']);
    clock.now += 14 * second;
    assert.equal(await run(), false, 'the pause is not over');
    await queue(noticeMail(bob));
    await run();
    assert.deepEqual(arrived(), [bob], 'others do not wait');
    clock.now += second;
    await run();
    clock.now += 29 * second;
    assert.equal(await run(), false, 'the second pause is longer');
    clock.now += second;
    await run();
    assert.deepEqual(arrived(), [ann, bob]);
    assert.equal(server.mails[1]!.messageId, message_id);
    assert.deepEqual(counted, [
      'password_changed deferred',
      'password_changed sent',
      'password_changed deferred',
      'password_changed sent',
    ]);
  });

  test('a recipient whom the server refuses is given up, and the others get their mails', {
    timeout,
  }, async (t) => {
    const { server, clock, queue, run, arrived, states, lines } = await sender(t);
    server.reply = (stage, about) =>
      stage === 'recipient' && about === bob ? `550 5.1.1 <${bob}> unknown` : undefined;
    await queue(resetMail(ann, start), resetMail(bob, start), resetMail(eve, start));
    await run();
    assert.deepEqual(arrived(), [ann, eve]);
    assert.deepEqual(await states(), { [ann]: 'sent 1', [bob]: 'failed 1', [eve]: 'sent 1' });
    assert.match(lines.join('\n'), /mail given up .*"outcome":"refused","reason":"RCPT TO 550 5\.1\.1"/);
    assert.doesNotMatch(lines.join(), /@/);
    clock.now += 30 * minute;
    assert.equal(await run(), false);
  });

  test('a mail is tried until its link expires, or for three days', { timeout }, async (t) => {
    const { server, clock, queue, run, states, counted } = await sender(t);
    server.reply = (stage) => (stage === 'recipient' ? '450 4.2.1 busy' : undefined);
    await queue(resetMail(ann, start));
    await queue(noticeMail(bob));
    const lastTry: Record<string, number> = {};
    for (; clock.now < start + 74 * hour; clock.now += 5 * minute) {
      if (clock.now === start + 2 * hour) clock.now = start + 71 * hour;
      const before = server.decided.length;
      await run();
      for (const command of server.decided.slice(before)) lastTry[command] = clock.now - start;
    }
    const ends = await states();
    assert.match(ends[ann]!, /^(failed|canceled) /);
    assert.match(ends[bob]!, /^failed /);
    const [toAnn, toBob] = [lastTry[`recipient ${ann}`]!, lastTry[`recipient ${bob}`]!];
    assert.ok(toAnn >= 40 * minute && toAnn <= hour, String(toAnn / minute));
    assert.ok(toBob >= 71 * hour && toBob <= 72 * hour, String(toBob / hour));
    assert.deepEqual(counted.filter((one) => /expired|canceled/.test(one)).length, 2);
  });

  test('a mistake of the operator loses no mail, and is logged as an error', { timeout }, async (t) => {
    const { server, clock, queue, run, restart, arrived, lines } = await sender(t);
    server.reply = (stage) =>
      stage === 'sender' ? '553 5.7.1 <accounts@example.com> is not yours' : undefined;
    await queue(resetMail(ann, start), resetMail(bob, start));
    await run();
    assert.match(lines[0]!, /"outcome":"misconfigured","reason":"MAIL FROM 553 5\.7\.1 … is not yours"/);
    let runs = 0;
    for (; clock.now < start + 30 * minute; clock.now += second) if (await run()) runs++;
    // Wrong logins as often as that lock no account.
    assert.ok(runs >= 8 && runs <= 16, `${runs} attempts in half an hour`);
    server.reply = () => undefined;
    restart({});
    await run();
    assert.deepEqual(arrived(), [ann, bob]);
  });

  test('a mail that cannot be written stops no other, and is given up after three days', {
    timeout,
  }, async (t) => {
    const { clock, database, queue, run, arrived, row, lines } = await sender(t);
    await queue(noticeMail(ann), noticeMail(bob), noticeMail(eve));
    await onTables(database, `UPDATE mails SET data = '{' WHERE to_address = '${ann}'`);
    await onTables(database, `UPDATE mails SET kind = 'of a later version' WHERE to_address = '${bob}'`);
    await run();
    assert.deepEqual(arrived(), [eve]);
    assert.equal(lines.filter((line) => line.startsWith('mail cannot be written')).length, 2);
    for (const address of [ann, bob]) assert.equal((await row(address)).state, 'queued');
    await onTables(database, `UPDATE mails SET kind = 'password_changed' WHERE to_address = '${bob}'`);
    clock.now += 73 * hour;
    await run();
    assert.deepEqual(arrived(), [bob, eve]);
    assert.equal((await row(ann)).state, 'failed');
  });

  test('a recipient for whom the server hangs stops no other', { timeout }, async (t) => {
    const { server, queue, run, arrived, states } = await sender(t);
    server.reply = (stage, about) => (stage === 'recipient' && about === ann ? 'hang' : undefined);
    await queue(resetMail(ann, start), resetMail(bob, start));
    const running = run();
    await server.received(1);
    // Queued while the run waits for the first one.
    await queue(resetMail(eve, start));
    await server.received(2);
    assert.deepEqual(arrived(), [bob, eve]);
    server.release();
    await running;
    assert.deepEqual(arrived(), [ann, bob, eve]);
    assert.deepEqual(await states(), { [ann]: 'sent 1', [bob]: 'sent 1', [eve]: 'sent 1' });
  });

  test('what the server has taken is recorded also without the lease, and after the database was away', {
    timeout,
  }, async (t) => {
    const { store, queue, run, restart, states, arrived } = await sender(t);
    await queue(resetMail(ann, start), resetMail(bob, start));
    let writes = 0;
    const losing: Store['write'] = (work, locks) => {
      if (++writes > 1) throw new LeaseLost('send-mails');
      return store.write(work, locks);
    };
    let failures = 0;
    const failing: Store['write'] = async (work, locks) => {
      if (++failures <= 2) throw new StoreUnavailable('the server is shutting down');
      return store.write(work, locks);
    };
    restart({}, { ...store, write: failing });
    await run(losing);
    assert.equal(failures, 4);
    assert.deepEqual(await states(), { [ann]: 'sent 1', [bob]: 'sent 1' });
    assert.deepEqual(arrived(), [ann, bob]);
  });

  test('a mail in progress is not sent again where the clock is set forward', { timeout }, async (t) => {
    const { server, clock, queue, run, arrived } = await sender(t);
    server.reply = (stage, about) => (stage === 'data' && about === ann ? 'hang' : undefined);
    await queue(resetMail(ann, start));
    const running = run();
    await server.asked(`data ${ann}`);
    clock.now += hour / 2;
    await queue(resetMail(bob, clock.now));
    await server.received(1);
    assert.deepEqual(arrived(), [bob]);
    server.release();
    await running;
    assert.deepEqual(arrived(), [ann, bob]);
  });

  test('without a mail server, mails that wait for one move to the mailbox', { timeout }, async (t) => {
    const { store, queue, run, restart, states } = await sender(t);
    await queue(resetMail(ann, start));
    restart({ MUSTER_SMTP_HOST: '' });
    assert.equal(await run(), true);
    assert.deepEqual(await states(), { [ann]: 'mailbox 0' });
    assert.equal(await store.read.mails.countMailbox(), 1);
    assert.equal(await run(), false);
  });
});
