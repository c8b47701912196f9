// The code that the guide "Signing in" shows runs as it is, against a real service.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { endWithTests } from '../support/end-with-tests.ts';
import { engines } from '../support/engines.ts';
import { startApp, type TestApp } from '../support/start-app.ts';

const examples = resolve(import.meta.dirname, '../../docs/examples');
const password = 'rain on the tin roof';
const origin = 'https://app.example.com';
const cookieName = '__Host-session';

/** The code does not depend on the engine. */
const startService = (t: TestContext, settings = {}) => startApp(t, engines[0]!, settings);

interface Page {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A browser: keeps the cookie, sends forms with the origin of the page, and follows redirects. */
interface Browser {
  cookie: string | null;
  open(path?: string): Promise<Page>;
  submit(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Page>;
  signIn(email: string, password: string): Promise<Page>;
}

async function startPages(t: TestContext, api: string) {
  const server = spawn(process.execPath, [resolve(examples, 'server-with-pages.mjs')], {
    env: { API: api, ORIGIN: origin, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithTests(server);
  t.after(() => server.kill());
  const { value: line } = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
  const url = `http://127.0.0.1:${/^Listening on port (\d+)$/.exec(line ?? '')![1]}`;

  /** @param address the client of the proxy with TLS before the server */
  return (userAgent: string, address: string): Browser => {
    const browser: Browser = {
      cookie: null,
      async open(path = '/') {
        return request('GET', path);
      },
      async submit(path, fields = {}, headers = { Origin: origin }) {
        const answer = await request('POST', path, headers, new URLSearchParams(fields));
        return answer.status === 303 ? browser.open(answer.headers.get('Location')!) : answer;
      },
      signIn: (email, password) => browser.submit('/sign-in', { email, password }),
    };
    async function request(method: string, path: string, headers = {}, body?: URLSearchParams) {
      const answer = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          'User-Agent': userAgent,
          'X-Forwarded-For': address,
          ...(browser.cookie && { Cookie: `theme=dark; ${cookieName}=${browser.cookie}` }),
          ...headers,
        },
        ...(body && { body }),
      });
      const set = answer.headers.get('Set-Cookie');
      if (set !== null) {
        assert.match(set, /^__Host-session=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Lax(; Max-Age=0)?$/);
        browser.cookie = set.endsWith('Max-Age=0')
          ? null
          : set.slice(cookieName.length + 1, set.indexOf(';'));
      }
      const text = await answer.text();
      assert.ok(!`${set}${text}`.includes('muster_'), 'the token stays on the server');
      return { status: answer.status, text, headers: answer.headers };
    }
    return browser;
  };
}

const devicesIn = ({ text }: Page) => [...text.matchAll(/<li>(.*?), last used/g)].map(([, device]) => device);
const isForm = ({ text }: Page) => text.includes('<h1>Sign in</h1>');

async function signIns(app: TestApp, userId: number): Promise<number> {
  return (await app.store.read.sessions.list(userId)).filter(({ machine }) => !machine).length;
}

test('the server with pages', async (t) => {
  const app = await startService(t, { trustedProxies: '127.0.0.1' });
  const { id } = await app.createUser({ email: 'ann@example.com', password });
  const open = await startPages(t, `${app.url}/api/v2`);
  const phone = open('curl/8.5.0', '192.0.2.7');
  const laptop = open('Wget/1.21', '2001:db8::1');

  await t.test('signs in, and shows devices with the addresses of the browsers', async () => {
    assert.ok(isForm(await phone.open()));
    assert.deepEqual(devicesIn(await phone.signIn('ann@example.com', password)), ['curl 8.5.0, 192.0.2.7']);
    assert.deepEqual(devicesIn(await laptop.signIn('ANN@example.com', password)).sort(), [
      'Wget 1.21, 2001:db8::1',
      'curl 8.5.0, 192.0.2.7',
    ]);
  });

  await t.test('S27 has a new cookie after each sign-in, and the session before has ended', async () => {
    const before = laptop.cookie;
    await laptop.signIn('ann@example.com', password);
    assert.notEqual(laptop.cookie, before);
    assert.equal(await signIns(app, id), 2);
    const thief = open('curl/8.5.0', '192.0.2.9');
    thief.cookie = before;
    assert.ok(isForm(await thief.open()));
  });

  await t.test('refuses forms of other sites', async () => {
    for (const headers of [{}, { Origin: 'https://evil.example.com' }, { Origin: 'null' }])
      for (const path of ['/sign-in', '/end-others', '/sign-out']) {
        const fields = { email: 'ann@example.com', password };
        assert.equal((await laptop.submit(path, fields, headers as Record<string, string>)).status, 403);
      }
    assert.equal(await signIns(app, id), 2);
  });

  await t.test('ends one device, all others, and itself', async () => {
    const page = await laptop.open();
    const [, other] = /name="id" value="(\d+)"/.exec(page.text)!;
    assert.deepEqual(devicesIn(await laptop.submit('/end', { id: other! })), ['Wget 1.21, 2001:db8::1']);
    assert.ok(isForm(await phone.open()));
    await phone.signIn('ann@example.com', password);
    assert.deepEqual(devicesIn(await laptop.submit('/end-others')), ['Wget 1.21, 2001:db8::1']);
    assert.ok(isForm(await phone.open()));
    assert.ok(isForm(await laptop.submit('/sign-out')));
    assert.equal(laptop.cookie, null);
    assert.equal(await signIns(app, id), 0);
  });

  await t.test('says that the password is wrong, and how long to wait', async () => {
    const wrong = await phone.signIn('bob@example.com', '<wrong>');
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /The email or password is not valid/);
    for (let i = 0; i < 5; i++) await phone.signIn('bob@example.com', 'wrong');
    const throttled = await phone.signIn('bob@example.com', 'wrong');
    assert.equal(throttled.status, 429);
    assert.match(throttled.text, /Try again in \d+ seconds/);
  });
});

test('the client signs in, sends requests and tells errors apart', async (t) => {
  const { MusterClient } = await import(pathToFileURL(resolve(examples, 'muster-client.mjs')).href);
  const app = await startService(t);
  await app.createUser({ email: 'ann@example.com', password });
  const client = new MusterClient(`${app.url}/api/v2`);
  await assert.rejects(client.signIn('ann@example.com', 'wrong'), {
    status: 401,
    code: 'invalid_credentials',
    message: 'The email or password is not valid',
    retryAfterSeconds: null,
  });
  const session = await client.signIn('ann@example.com', password);
  assert.ok(client.isSignedIn);
  assert.ok(!JSON.stringify([session, client]).includes('muster_'));
  const { meta } = await client.request('GET', '/sessions?filter[machine]=false');
  assert.equal(meta.current, session.id);
  const { data } = await client.request('PATCH', `/sessions/${session.id}`, {
    type: 'sessions',
    attributes: { name: 'Page' },
  });
  assert.equal(data.attributes.name, 'Page');
  await client.signOut();
  assert.ok(!client.isSignedIn);
  await client.signIn('ann@example.com', password);
  app.clock.now += 31 * 24 * 60 * 60 * 1000;
  await assert.rejects(client.request('GET', '/sessions'), { code: 'invalid_auth_token' });
  assert.ok(!client.isSignedIn);
  for (let i = 0; i < 5; i++) await client.signIn('ann@example.com', 'wrong').catch(() => {});
  await assert.rejects(client.signIn('ann@example.com', password), {
    code: 'too_many_requests',
    retryAfterSeconds: 1,
  });
});

test('a page of an origin in the settings may sign in, list and end sessions', async (t) => {
  const app = await startService(t, { corsOrigins: origin });
  for (const [method, path] of [
    ['POST', '/api/v2/sessions'],
    ['GET', '/api/v2/sessions'],
    ['DELETE', '/api/v2/sessions/current'],
  ] as const) {
    const asks = {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'content-type,x-auth-token',
    };
    const { status, headers } = await app.request('OPTIONS', path, { headers: asks });
    assert.equal(status, 204);
    assert.equal(headers.get('access-control-allow-origin'), origin);
    assert.ok(headers.get('access-control-allow-methods')!.includes(method));
    assert.match(headers.get('access-control-allow-headers')!, /x-auth-token/i);
    assert.equal(headers.get('access-control-allow-credentials'), null);
  }
});
