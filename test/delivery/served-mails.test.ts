// Mails of real services: several processes on one database, a mail server that is away or hangs, and a service that stops.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { onTables, rowsOf, urlOf } from '../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';
import { noticeMail, queueMails, sendingThrough } from '../support/queued-mails.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { type MusterProcess, spawnMuster } from '../support/spawn-muster.ts';
import { send } from '../support/start-app.ts';

const timeout = 180_000;
const token = 'a-token-of-the-first-account-with-32-characters';
const metricsToken = 'a-token-for-metrics-alone';
const stopped = { code: 0, signal: null };

onEachEngine((engine) => {
  async function surroundings(t: TestContext) {
    const server = await startSmtpServer(t);
    const database = await clearedConfig(t, engine);
    const env = {
      ...sendingThrough(server),
      MUSTER_DATABASE_URL: urlOf(database),
      MUSTER_BOOTSTRAP_TOKEN: token,
      MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
      MUSTER_RATE_LIMIT: '0',
      MUSTER_METRICS_TOKEN: metricsToken,
    };
    const store = await openStore(database);
    t.after(() => store.close());
    return {
      server,
      serve: (more: Readonly<Record<string, string>> = {}) => spawnMuster(t, { env: { ...env, ...more } }),
      queue: (...addresses: string[]) => queueMails(store, readConfig({}, env), addresses.map(noticeMail)),
      arrived: () => server.mails.map(({ recipient }) => recipient).sort(),
      async until(state: string, count: number): Promise<void> {
        const rows = () => rowsOf(database, 'mails');
        while ((await rows()).filter((row) => row.state === state).length < count) await sleep(50);
      },
      /** As if their pauses were over. */
      makeDue: () => onTables(database, `UPDATE mails SET due_at = 0 WHERE state = 'queued' RETURNING id`),
    };
  }

  test('of several services on one database, with workers, one sends each mail', { timeout }, async (t) => {
    const { server, serve, queue, arrived, until } = await surroundings(t);
    const many = Array.from({ length: 60 }, (_, i) => `person${i}@email.com`);
    const services = await Promise.all([serve({ MUSTER_WORKERS: '2' }), serve()]);
    for (let i = 0; i < many.length; i += 20) {
      await queue(...many.slice(i, i + 20));
      // So that any process may be the next one.
      await server.received(i + 20);
    }
    await until('sent', many.length);
    assert.deepEqual(arrived(), [...many].sort());
    for (const service of services) assert.deepEqual(await service.stop(), stopped);
  });

  test('a mail server that is away is tried until it is back, and one that hangs slows no request', {
    timeout,
  }, async (t) => {
    const { server, serve, queue, arrived, until } = await surroundings(t);
    await server.stop();
    const muster = await serve();
    const passwords = '/api/v2/passwords';
    const body = { data: { type: 'passwords', attributes: { email: 'admin@example.com' } } };
    assert.equal((await send(muster.url, 'POST', passwords, { body })).status, 204);
    const { outcome } = await muster.logged('mail not sent');
    assert.equal(outcome, 'unreachable');
    await server.start();
    await server.received(1);
    await until('sent', 1);
    const [, link] = /account\/reset\?lang=en#([\w-]{43})\s/.exec(server.mails[0]!.text!)!;
    assert.equal((await send(muster.url, 'GET', `${passwords}/${link}`)).status, 200);

    const before = await medianMs(muster);
    server.reply = (stage) => (stage === 'recipient' ? 'hang' : undefined);
    const hanging = ['bob@email.com', 'eve@email.com', 'joe@email.com'];
    await queue(...hanging);
    for (const address of hanging) await server.asked(`recipient ${address}`);
    const during = await medianMs(muster);
    const waiting = await mailMetrics(muster);
    assert.equal(waiting.get('muster_mails_queued'), 3);
    assert.ok(waiting.get('muster_mails_oldest_seconds')! > 0);
    assert.ok(during < 10 * before + 10, `${before} ms, and ${during} ms while the mail server hangs`);
    server.release();
    await until('sent', 4);
    assert.deepEqual(arrived(), ['admin@example.com', ...hanging]);
    const after = await mailMetrics(muster);
    const counted = (kind: string, outcome: string) =>
      after.get(`muster_mails_total{kind="${kind}",outcome="${outcome}"}`);
    assert.equal(counted('password_changed', 'sent'), 3);
    assert.equal(counted('password_reset', 'sent'), 1);
    assert.ok(counted('password_reset', 'unreachable')! >= 1);
    assert.equal(after.get('muster_mails_queued'), 0);
    assert.equal(after.get('muster_mails_oldest_seconds'), 0);
    assert.deepEqual(await muster.stop(), stopped);
    assert.doesNotMatch(muster.stdout + muster.stderr, new RegExp(`@email\\.com|account/reset|${link}`));
  });

  test('a service that stops lets the mail in progress end, and leaves the others to the next', {
    timeout,
  }, async (t) => {
    const { server, serve, queue, arrived, until } = await surroundings(t);
    server.reply = (stage) => (stage === 'data' ? 'hang' : undefined);
    const first = await serve({ MUSTER_SMTP_CONNECTIONS: '1' });
    await queue('ann@email.com', 'bob@email.com');
    await server.asked('data ann@email.com');
    first.signal('SIGTERM');
    await first.logged('stopping');
    server.reply = () => undefined;
    server.release();
    assert.deepEqual(await first.exited, stopped);
    assert.deepEqual(arrived(), ['ann@email.com']);
    await until('sent', 1);

    const second = await serve();
    await until('sent', 2);
    await second.stop();
    assert.deepEqual(arrived(), ['ann@email.com', 'bob@email.com']);
  });

  test('a service stops within its time limit although the mail server hangs, and nothing is lost', {
    timeout,
  }, async (t) => {
    const { server, serve, queue, arrived, until, makeDue } = await surroundings(t);
    server.reply = (stage) => (stage === 'sender' ? 'hang' : undefined);
    const first = await serve({ MUSTER_SMTP_TIMEOUT_MS: '600000', MUSTER_SHUTDOWN_TIMEOUT_MS: '600000' });
    await queue('ann@email.com');
    await server.asked('sender accounts@example.com');
    // It would wait for ten minutes in all if it waited for the mail server.
    assert.deepEqual(await first.stop(), stopped);
    server.reply = () => undefined;
    await makeDue();
    const second = await serve();
    await until('sent', 1);
    await second.stop();
    assert.deepEqual(arrived(), ['ann@email.com']);
  });
});

/** Those about mails, by name and labels. */
async function mailMetrics({ url }: MusterProcess): Promise<Map<string, number>> {
  const answer = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${metricsToken}` } });
  const samples = (await answer.text()).matchAll(/^(muster_mails\S+) (\S+)$/gm);
  return new Map([...samples].map(([, name, value]) => [name!, Number(value)]));
}

/** Of 40 requests. */
async function medianMs({ url }: MusterProcess): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 40; i++) {
    const begin = performance.now();
    const { status } = await fetch(`${url}/api/v2/users/1`, { headers: { 'X-Auth-Token': token } });
    assert.equal(status, 200);
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b)[20]!;
}
