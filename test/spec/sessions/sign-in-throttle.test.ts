// Protection against guessing passwords by signing in: section C10 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operatorOf } from '../../../src/cli/accounts/operator.ts';
import { readConfig } from '../../../src/config.ts';
import { openStore } from '../../../src/open-store.ts';
import { deleteOldAttempts } from '../../../src/resources/sign-in/delete-old-attempts.ts';
import { isKnownAddress } from '../../../src/resources/sign-in/known-addresses.ts';
import { signInWaits } from '../../../src/resources/sign-in/sign-in-throttle.ts';
import { setPassword } from '../../../src/resources/users/set-password.ts';
import { users } from '../../../src/resources/users/users.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, emptyDatabase, onEachEngine } from '../../support/engines.ts';
import { type Answer, serveStore, type TestApp } from '../../support/start-app.ts';
import { newAddress, right, signInAt, startSignIns, wrong } from './start-sign-in.ts';

const ann = 'ann@example.com';
const office = '203.0.113.7';
const day = 24 * 60 * 60;

/** @returns the seconds of Retry-After */
function waits(answer: Answer): number {
  assert.equal(answer.status, 429);
  const [error] = answer.body.errors;
  assert.equal(error.code, 'too_many_requests');
  assert.equal(error.detail, 'Too many failed sign-ins, try again later');
  const seconds = answer.headers.get('retry-after')!;
  assert.equal(answer.headers.get('x-ratelimit-reset'), seconds);
  return Number(seconds);
}

/** Wrong passwords from ever new addresses, as early as each is allowed, until there are this many failures. */
async function fail(app: TestApp, signIn: (password: string) => Promise<Answer>, failures: number) {
  for (let count = 0; count < failures; ) {
    const answer = await signIn(wrong);
    if (answer.status === 401) count++;
    else app.clock.now += waits(answer) * 1000;
  }
}

onEachEngine((engine) => {
  test('C10, S8 strangers get 100 wrong passwords, then one a day, and the owner gets in from a known address', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: ann, password: right });
    await app.createUser({ email: 'bob@example.com', password: right });
    assert.equal((await signIn(ann, right, { from: office })).status, 201);
    await fail(app, (password) => signIn(ann, password), 100);
    // The right password waits too: otherwise guessing could go on.
    for (const password of [wrong, right]) assert.equal(waits(await signIn(ann, password)), day);
    assert.equal((await signIn('bob@example.com', right)).status, 201);
    assert.equal((await signIn(ann, right, { from: office })).status, 201);
    // That the owner got in gives strangers nothing.
    assert.equal(waits(await signIn(ann, wrong)), day);
    app.clock.now += day * 1000;
    assert.equal((await signIn(ann, wrong)).status, 401);
    assert.equal(waits(await signIn(ann, right)), day);
    app.clock.now += day * 1000;
    assert.equal((await signIn(ann, right)).status, 201);
    assert.equal((await signIn(ann, wrong)).status, 401);
    assert.equal((await signIn(ann, right)).status, 201);
  });

  test('C10, S8 the delay doubles after five failures, and known addresses share a count of their own', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { id, token } = await app.createUser({ email: ann, password: right });
    const home = '2001:db8:7:7::1';
    for (const from of [office, home]) assert.equal((await signIn(ann, right, { from })).status, 201);
    for (const from of [office, home, office, '2001:db8:7:7::2', office])
      assert.equal((await signIn(ann, wrong, { from })).status, 401);
    for (const seconds of [1, 2, 4]) {
      assert.equal(waits(await signIn(ann, wrong, { from: home })), seconds);
      app.clock.now += seconds * 1000 - 1;
      assert.equal(waits(await signIn(ann, right, { from: office })), 1);
      app.clock.now += 1;
      assert.equal((await signIn(ann, wrong, { from: home })).status, 401);
    }
    // Neither strangers nor changes of the password notice.
    assert.deepEqual(await app.store.read.passwords.attempts(id), { failures: 0, blockedUntil: 0 });
    const body = { data: { type: 'users', attributes: { current_password: right, password: right } } };
    const change = await app.request('PATCH', `/api/v2/users/${id}/update_password`, { token, body });
    assert.equal(change.status, 200);
    assert.equal((await signIn(ann, wrong)).status, 401);
    assert.equal((await signIn(ann, right)).status, 201);
    assert.deepEqual(await signInWaits(app.store.read, 'ANN@example.com', app.clock.now), {
      known_address: 8000,
      stranger: 0,
    });
  });

  test('C10, C11 failures are counted for every address that is typed, in any form of it, with the same answers', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: 'zoë@müller.example', password: right });
    const forms: Record<string, readonly string[]> = {
      known: ['zoë@müller.example', 'ZOË@Müller.example', 'zoe\u0308@xn--mller-kva.example'],
      unknown: ['nobody@müller.example', 'Nobody@MÜLLER.example', 'nobody@xn--mller-kva.example'],
      'no address': ['nobody at all', 'Nobody At All', 'NOBODY AT ALL'],
      'an address with NUL': ['a\0@example.com', 'A\0@example.com', 'a\0@EXAMPLE.com'],
      'a text that is too long': Array<string>(3).fill(`${'x'.repeat(20_000)}@example.com`),
    };
    const answers: Record<string, unknown[]> = {};
    for (const [name, typed] of Object.entries(forms)) {
      answers[name] = [];
      for (let i = 0; i < 7; i++) {
        const { status, headers, text } = await signIn(typed[i % typed.length]!, wrong);
        const told = [...headers].filter(([header]) => header !== 'x-request-id' && header !== 'date');
        answers[name].push([status, told, text]);
      }
    }
    assert.deepEqual(
      answers.known!.map((answer) => (answer as [number])[0]),
      [401, 401, 401, 401, 401, 429, 429],
    );
    for (const [name, given] of Object.entries(answers)) assert.deepEqual(given, answers.known, name);
    // Other addresses are not concerned, however alike.
    assert.equal((await signIn('zoë+1@müller.example', wrong)).status, 401);
    assert.equal((await signIn('zo.ë@müller.example', wrong)).status, 401);
  });

  test('C10 the count is forgotten by a right password, by a new one that an operator sets, and after days', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { id } = await app.createUser({ email: ann, password: right });
    for (let i = 0; i < 4; i++) await signIn(ann, wrong);
    assert.equal((await signIn(ann, right, { from: office })).status, 201);
    for (let i = 0; i < 5; i++) assert.equal((await signIn(ann, wrong)).status, 401);
    for (let i = 0; i < 5; i++) await signIn(ann, wrong, { from: office });
    waits(await signIn(ann, right));
    const { services, writer } = operatorOf(app.store, readConfig({}, {}));
    const user = (await app.store.read.records(users).find(id))!;
    await setPassword(services, writer, user, 'another horse battery');
    for (const from of [office, newAddress()])
      assert.equal((await signIn(ann, 'another horse battery', { from })).status, 201);

    const run = { write: app.store.write, signal: new AbortController().signal };
    const forgets = () => deleteOldAttempts(run, () => app.clock.now);
    for (let i = 0; i < 5; i++) await signIn(ann, wrong);
    await signIn('nobody@example.com', wrong);
    app.clock.now += day * 1000;
    assert.equal(await forgets(), 1);
    app.clock.now += 4 * day * 1000;
    assert.equal(await forgets(), 1);
    assert.equal((await signIn(ann, wrong)).status, 401);
    // Its addresses are forgotten too.
    app.clock.now += 365 * day * 1000;
    assert.equal(await forgets(), 3);
  });

  test('C10, E5 a clock that is set back never prolongs the wait', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: ann, password: right });
    await fail(app, (password) => signIn(ann, password), 6);
    app.clock.now -= 365 * day * 1000;
    assert.equal(waits(await signIn(ann, right)), 2);
    app.clock.now += 2000;
    assert.equal((await signIn(ann, right)).status, 201);
  });

  test('C10 the clocks of instances may differ: what one has counted does not delay the first failures at another', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    await app.createUser({ email: ann, password: right });
    for (const ahead of [5000, -5000, 5000, -5000]) {
      app.clock.now += ahead;
      assert.equal((await signIn(ann, wrong)).status, 401);
    }
    assert.equal((await signIn(ann, right)).status, 201);
  });

  test('an address is known for 90 days after its last sign-in, if it is one of the last twenty', async (t) => {
    const { app, signIn } = await startSignIns(t, engine);
    const { id } = await app.createUser({ email: ann, password: right });
    const isKnown = (network: string) => isKnownAddress(app.store.read, id, network, app.clock.now);
    assert.equal((await signIn(ann, wrong, { from: office })).status, 401);
    assert.equal(await isKnown(office), false);
    await signIn(ann, right, { from: office });
    assert.equal(await isKnown(office), true);
    app.clock.now += 90 * day * 1000 - 1;
    assert.equal(await isKnown(office), true);
    app.clock.now += 1;
    assert.equal(await isKnown(office), false);
    for (let i = 0; i <= 20; i++) {
      app.clock.now += 1000;
      assert.equal((await signIn(ann, right, { from: `2001:db8:${i}:1:2:3:4:5` })).status, 201);
    }
    assert.equal(await isKnown('2001:db8:0:1::/64'), false);
    assert.equal(await isKnown('2001:db8:1:1::/64'), true);
    assert.equal(await isKnown('2001:db8:20:1::/64'), true);
  });

  test('without trusted proxies, the address of the connection is the known one', async (t) => {
    const { app, signIn } = await startSignIns(t, engine, { trustedProxies: '' });
    const { id } = await app.createUser({ email: ann, password: right });
    const answer = await signIn(ann, right, { from: office });
    assert.equal(answer.body.data.attributes.last_ip, '127.0.0.1');
    const known = (network: string) => app.store.read.knownAddresses.includes(id, network, 0);
    assert.deepEqual([await known(office), await known('127.0.0.1')], [false, true]);
  });

  test('one network gets a hundred sign-ins a minute, with right and wrong passwords and none', async (t) => {
    const { signIn } = await startSignIns(t, engine);
    const statuses: number[] = [];
    for (let i = 0; i < 102; i++) {
      const { status } = await signIn('nobody@example.com', '', { from: `2001:db8::${i.toString(16)}` });
      statuses.push(status);
    }
    assert.deepEqual(statuses, [...Array<number>(100).fill(422), 429, 429]);
    assert.equal((await signIn('nobody@example.com', '')).status, 422);
  });

  test('S9 of 500 wrong passwords at once, to two instances, five reach the hash', async (t) => {
    const open = await emptyDatabase(t, engine, { workers: 2 });
    const settings = { trustedProxies: 'loopback', maxPasswordQueue: '1000' };
    const apps: TestApp[] = [];
    const instances = engine === 'postgres' ? 2 : 1;
    while (apps.length < instances) apps.push(await serveStore(t, await open(), settings));
    await apps[0]!.createUser({ email: ann, password: right });
    const signIns = apps.map(signInAt);
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, i) => signIns[i % instances]!(ann, wrong)),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(401), count(429)], [5, 495]);
    assert.equal(waits(await signIns[0]!(ann, right)), 1);
  });

  test('C10 no address that somebody typed is stored', async (t) => {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    const app = await serveStore(t, store);
    await signInAt(app)('typed-by-mistake@example.com', wrong);
    const rows = await rowsOf(config, 'sign_in_attempts');
    assert.equal(rows.length, 1);
    assert.match(String(rows[0]!.key), /^[\w-]{43}$/);
    for (const table of ['sign_in_attempts', 'events', 'known_addresses'])
      assert.doesNotMatch(JSON.stringify(await rowsOf(config, table)), /typed-by-mistake/);
  });
});
