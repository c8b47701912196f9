// When a session was last active, and from where: collected from every request with a valid token, written once a minute.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sessions } from '../../../src/resources/sessions/sessions.ts';
import type { Store } from '../../../src/store/store.ts';
import { type EngineName, emptyDatabase, onEachEngine } from '../../support/engines.ts';
import { headerText, openSocket } from '../../support/raw-socket.ts';
import { outcome } from '../../support/read-answers.ts';
import { serveStore, type TestApp } from '../../support/start-app.ts';

const minute = 60_000;

interface Written {
  readonly lastActivityAt: number | null;
  readonly lastIp: string | null;
  readonly revision: number;
}

/** Two instances on one database, with one clock. */
async function start(t: TestContext, engine: EngineName, settings = {}) {
  const open = await emptyDatabase(t, engine, { workers: 2 });
  let writes = 0;
  const counted = (store: Store): Store => ({
    ...store,
    write(...work) {
      writes++;
      return store.write(...work);
    },
  });
  const app = await serveStore(t, counted(await open()), settings);
  const other = await serveStore(t, counted(await open()), settings, { clock: app.clock });
  const { id: userId } = await app.createUser();
  const signIn = async (options = {}) => {
    const token = await app.createToken(userId, { machine: false, ...options });
    const id = (await app.store.read.sessions.list(userId)).at(-1)!.id;
    await app.store.write(({ records }) => records(sessions).update(id, { last_activity_at: app.clock.now }));
    return { id, token };
  };
  const written = async (id: number): Promise<Written> => {
    const row = (await app.store.read.records(sessions).find(id))!;
    return { lastActivityAt: row.last_activity_at, lastIp: row.last_ip, revision: row.revision };
  };
  /** @returns the number of transactions */
  const flush = async (...apps: readonly TestApp[]) => {
    const before = writes;
    await Promise.all(apps.map((one) => one.flushActivity()));
    return writes - before;
  };
  const get = (token: string, path = '/api/v2/users', by = app, headers = {}) =>
    by.request('GET', path, { token, headers });
  return { app, other, userId, signIn, written, flush, get };
}

/** Sends many requests on one connection, without waiting for answers in between. */
async function pipeline(t: TestContext, url: string, token: string, count: number): Promise<void> {
  const connection = await openSocket(t, url);
  const request = headerText('GET /api/v2/users/1 HTTP/1.1', 'Host: localhost', `X-Auth-Token: ${token}`);
  let answered = 0;
  connection.socket.on('data', (text: string) => {
    answered += text.split('HTTP/1.1 200 ').length - 1;
  });
  for (let sent = 0; sent < count; sent += 100) connection.socket.write(request.repeat(100));
  while (answered < count) await new Promise((resolve) => connection.socket.once('data', resolve));
}

onEachEngine((engine) => {
  test('10,000 requests to two instances write each session once a minute', {
    timeout: 120_000,
  }, async (t) => {
    const { app, other, signIn, written, flush } = await start(t, engine);
    const signIns = [];
    while (signIns.length < 10) signIns.push(await signIn());
    app.clock.now += minute;
    const at = app.clock.now;
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        signIns.flatMap(({ token }) => [app, other].map(({ url }) => pipeline(t, url, token, 100))),
      );
      app.clock.now += 10_000;
      // One transaction for all sessions of an instance, and one for all people.
      assert.ok((await flush(app, other)) <= 4);
    }
    for (const { id } of signIns)
      assert.deepEqual(await written(id), { lastActivityAt: at, lastIp: '127.0.0.1', revision: 3 });
    assert.equal(await flush(app, other), 0);
  });

  test('a request counts if its token is valid, whatever the answer', async (t) => {
    const { app, signIn, written, flush, get } = await start(t, engine, { rateLimit: '1' });
    const { id, token } = await signIn();
    const expired = await signIn({ expiresAt: app.clock.now + 1 });
    const answers = [];
    for (const [path, given] of [
      ['/api/v2/users/99999', token],
      ['/api/v2/users', token],
      ['/api/v2/users', expired.token],
      ['/api/v2/users', `${token}x`],
    ] as const) {
      app.clock.now += minute;
      answers.push(outcome(await get(given, path)));
      await flush(app);
    }
    assert.deepEqual(answers, [
      '404 record_not_found',
      '429 too_many_requests',
      '401 invalid_auth_token',
      '401 invalid_auth_token',
    ]);
    assert.equal((await written(id)).lastActivityAt, app.clock.now - 2 * minute);
    assert.equal((await written(expired.id)).lastActivityAt, app.clock.now - 4 * minute);
  });

  test('a program without a stored time is written with its first request', async (t) => {
    const { app, userId, written, flush, get } = await start(t, engine);
    const [known] = await app.store.read.sessions.list(userId);
    const token = await app.createToken(userId);
    const { id } = (await app.store.read.sessions.list(userId)).at(-1)!;
    await get(token);
    await flush(app);
    assert.deepEqual(await written(id), { lastActivityAt: app.clock.now, lastIp: '127.0.0.1', revision: 2 });
    assert.equal((await written(known!.id)).lastActivityAt, null);
  });

  test('a session that ends before its activity is written stays ended', async (t) => {
    const { app, signIn, flush, get } = await start(t, engine);
    const { id, token } = await signIn();
    app.clock.now += minute;
    assert.equal((await get(token)).status, 200);
    await app.store.write((transaction) => transaction.sessions.end(id));
    await flush(app);
    assert.equal(await app.store.read.records(sessions).find(id), null);
    assert.equal((await get(token)).status, 401);
  });

  test('with an idle limit of five minutes, who asks every four stays signed in with two instances', async (t) => {
    const { app, other, signIn, flush, get } = await start(t, engine, { sessionIdleMinutes: '5' });
    const [{ token }, idle] = [await signIn(), await signIn()];
    for (let i = 0; i < 10; i++) {
      app.clock.now += 4 * minute;
      const by = i % 2 === 0 ? app : other;
      assert.equal((await get(token, '/api/v2/users', by)).status, 200);
      await flush(by);
    }
    assert.equal((await get(idle.token)).status, 401);
    app.clock.now += 5 * minute;
    assert.equal((await get(token)).status, 401);
  });

  for (const [trustedProxies, forwarded, address] of [
    ['', '2001:db8:1:2:3:4:5:6', '127.0.0.1'],
    ['loopback', '1.2.3.4, 2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6'],
    ['loopback', '::ffff:203.0.113.7', '203.0.113.7'],
  ] as const)
    test(`the address is ${address} where ${trustedProxies || 'no proxy'} is trusted`, async (t) => {
      const { app, signIn, written, flush, get } = await start(t, engine, { trustedProxies });
      const { id, token } = await signIn();
      app.clock.now += minute;
      const headers = {
        'X-Forwarded-For': forwarded,
        'X-Real-IP': '203.0.113.99',
        Forwarded: 'for=203.0.113.99',
      };
      assert.equal((await get(token, '/api/v2/users', app, headers)).status, 200);
      await flush(app);
      assert.equal((await written(id)).lastIp, address);
    });
});
