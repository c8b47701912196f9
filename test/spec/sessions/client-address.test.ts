// The address of a client is the same everywhere: in sessions, known addresses, the trail and limits. A header counts
// only if it comes from a trusted proxy.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { events } from '../../../src/resources/events/events.ts';
import { sessions } from '../../../src/resources/sessions/sessions.ts';
import { type EngineName, emptyStore, onEachEngine } from '../../support/engines.ts';
import { sendPlain } from '../../support/send-plain.ts';
import { mediaType, serveStore, type TestApp } from '../../support/start-app.ts';
import { right, sessionDocument } from './start-sign-in.ts';

const minute = 60_000;
const email = 'ann@example.com';

/** Every header in which proxies write addresses. */
const claiming = (forwarded: string) => ({
  'X-Forwarded-For': forwarded,
  'X-Real-IP': '203.0.113.99',
  'X-Client-IP': '203.0.113.99',
  'True-Client-IP': '203.0.113.99',
  'CF-Connecting-IP': '203.0.113.99',
  Forwarded: 'for=203.0.113.99',
});

/** Through a socket of IPv6 that an IPv4 connection reaches. */
async function start(t: TestContext, engine: EngineName, trustedProxies: string) {
  const app = await serveStore(t, await emptyStore(t, engine), { host: '::', trustedProxies });
  await app.createUser({ email, password: right });
  const url = `http://127.0.0.1:${new URL(app.url).port}`;
  const signIn = (forwarded: string, body = JSON.stringify(sessionDocument({ email, password: right }))) =>
    sendPlain(
      t,
      url,
      ['POST', '/api/v2/sessions'],
      { 'Content-Type': mediaType, ...claiming(forwarded) },
      body,
    );
  const get = (token: string, forwarded: string) =>
    sendPlain(t, url, ['GET', '/api/v2/users'], { 'X-Auth-Token': token, ...claiming(forwarded) });
  return { app, signIn, get };
}

/** Where the address of the last sign-in and of the last request stands. */
async function addressesIn({ store, clock }: TestApp, userId: number, candidates: readonly string[]) {
  const session = (await store.read.sessions.list(userId)).at(-1)!;
  const { last_ip } = (await store.read.records(sessions).find(session.id))!;
  const known = await Promise.all(
    candidates.map(async (network) =>
      (await store.read.knownAddresses.includes(userId, network, clock.now - minute)) ? [network] : [],
    ),
  );
  return { last_ip, known: known.flat() };
}

onEachEngine((engine) => {
  for (const { trustedProxies, forwarded, address, network } of [
    { trustedProxies: '', forwarded: '203.0.113.7', address: '127.0.0.1', network: '127.0.0.1' },
    {
      trustedProxies: '203.0.113.0/24',
      forwarded: '198.51.100.7',
      address: '127.0.0.1',
      network: '127.0.0.1',
    },
    {
      trustedProxies: '127.0.0.1',
      forwarded: '203.0.113.99, 2001:db8:1:2:3:4:5:6',
      address: '2001:db8:1:2:3:4:5:6',
      network: '2001:db8:1:2::/64',
    },
    {
      trustedProxies: 'loopback',
      forwarded: '::ffff:198.51.100.7',
      address: '198.51.100.7',
      network: '198.51.100.7',
    },
  ])
    test(`it is ${address} everywhere where ${trustedProxies || 'no proxy'} is trusted`, async (t) => {
      const { app, signIn, get } = await start(t, engine, trustedProxies);
      const signedIn = await signIn(forwarded);
      assert.equal(signedIn.status, 201, signedIn.text);
      const { data } = JSON.parse(signedIn.text);
      const userId = Number(data.attributes.user_id);
      assert.equal(data.attributes.last_ip, address);
      const candidates = [
        network,
        '203.0.113.7',
        '203.0.113.99',
        '198.51.100.7',
        '127.0.0.1',
        '2001:db8:1:2::/64',
      ];
      const { known } = await addressesIn(app, userId, [...new Set(candidates)]);
      assert.deepEqual(known, [network]);
      const trail = await app.store.read.records(events).findMany([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.equal(trail.findLast(({ action }) => action === 'session.create')!.ip, address);

      app.clock.now += minute;
      assert.equal((await get(data.attributes.token, forwarded)).status, 200);
      await app.flushActivity();
      assert.equal((await addressesIn(app, userId, [])).last_ip, address);
      await app.close();
      assert.ok(app.log.filter(({ msg }) => msg === 'request').every((line) => line.address === address));
    });

  test('without a trusted proxy, no header gives more sign-ins than the limit of the address', async (t) => {
    const { signIn } = await start(t, engine, '');
    const statuses: number[] = [];
    for (let i = 0; i < 102; i++) statuses.push((await signIn(`203.0.113.${i}`, '{}')).status);
    assert.deepEqual(new Set(statuses.slice(0, 100)), new Set([400]));
    assert.deepEqual(statuses.slice(100), [429, 429]);
  });
});
