// The beginning of links and Location: the public URL, or the Host of the request if it is allowed.

import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { createPeople } from '../../support/create-people.ts';
import { onEachEngine } from '../../support/engines.ts';
import { headerText, readAnswer, sendRaw } from '../../support/raw-socket.ts';
import { document, mediaType, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

/** Several instances behind one address have a public URL, always. */
const skip = process.env.MUSTER_TEST_INSTANCES !== undefined && 'several instances have a public URL';

interface Sent {
  readonly target?: string;
  readonly fields?: readonly string[];
  readonly version?: string;
  /** Where the request is sent, by default the app's own URL. */
  readonly url?: string;
}

async function list(t: TestContext, app: TestApp, token: string, host: string | null, sent: Sent = {}) {
  const { target = '/api/v2/users?page[size]=1', fields = [], version = '1.1', url = app.url } = sent;
  const lines = [
    ...(host === null ? [] : [`Host: ${host}`]),
    'Connection: close',
    `X-Auth-Token: ${token}`,
    ...fields,
  ];
  const answer = readAnswer(await sendRaw(t, url, headerText(`GET ${target} HTTP/${version}`, ...lines)));
  const links: Record<string, string> = answer.status === 200 ? JSON.parse(answer.text).links : {};
  const bases = new Set(Object.values(links).map((link) => link.slice(0, link.indexOf('/api/v2/'))));
  assert.ok(bases.size <= 1, answer.text);
  return { ...answer, base: [...bases][0], etag: answer.headers.get('etag') };
}

onEachEngine((engine) => {
  test('links begin with the Host of the request where it is a name of this machine', { skip }, async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const { port } = new URL(app.url);
    for (const [host, base] of [
      [`127.0.0.1:${port}`, app.url],
      [`localhost:${port}`, `http://localhost:${port}`],
      ['localhost', 'http://localhost'],
      ['localhost:', 'http://localhost'],
      ['LOCALHOST.:8080', 'http://localhost:8080'],
      ['[::1]:8080', 'http://[::1]:8080'],
      ['[0:0:0:0:0:0:0:1]', 'http://[::1]'],
      ['127.0.0.1:65535', 'http://127.0.0.1:65535'],
    ] as const)
      assert.equal((await list(t, app, token, host)).base, base, host);
  });

  test('links begin with the address that was reached where the Host is another, or none', {
    skip,
  }, async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const host of [
      'evil.example.com',
      'localhost.evil.example.com',
      'evil.example.com#localhost',
      'evil.example.com#',
      'localhost#evil.example.com',
      'localhost/evil',
      'localhost?evil',
      'localhost\\evil',
      'user@localhost',
      'user:password@localhost',
      'localhost@evil.example.com',
      'a b',
      'localhost evil.example.com',
      'localhost, evil.example.com',
      'localhost:99999',
      'localhost:65536',
      'localhost:0',
      'localhost:-1',
      'localhost:+80',
      'localhost:80a',
      'localhost:80:80',
      'localhost..',
      '.localhost',
      '::1',
      '[::1',
      '::1]',
      '[::1]evil',
      '[::ffff:7f00:1]',
      '[]',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      'localhost%2eevil',
      '%6cocalhost',
      'l\u00f6calhost',
      '"localhost"',
      '*',
      'a'.repeat(5000),
      '',
    ]) {
      const { base, text } = await list(t, app, token, host);
      assert.equal(base, app.url, host);
      assert.doesNotMatch(text, /evil|password@/);
    }
    assert.equal((await list(t, app, token, null, { version: '1.0' })).base, app.url);
  });

  test('links begin with a Host that the setting allows, and with no other', { skip }, async (t) => {
    const allowedHosts = 'Users.Example.com, 10.0.0.5, 2001:DB8::1, [2001:db8::2], m\u00fcnchen.example';
    const app = await startApp(t, engine, { allowedHosts });
    const { token } = await app.createUser();
    for (const [host, base] of [
      ['users.example.com', 'http://users.example.com'],
      ['USERS.example.com.:8443', 'http://users.example.com:8443'],
      ['10.0.0.5:1', 'http://10.0.0.5:1'],
      ['[2001:db8:0::1]:1', 'http://[2001:db8::1]:1'],
      ['[2001:db8::2]', 'http://[2001:db8::2]'],
      ['xn--mnchen-3ya.example', 'http://xn--mnchen-3ya.example'],
      ['example.com', app.url],
      ['a.users.example.com', app.url],
      ['localhost', app.url],
    ] as const)
      assert.equal((await list(t, app, token, host)).base, base, host);
  });

  test('headers of proxies change no link', { skip }, async (t) => {
    const app = await startApp(t, engine, { allowedHosts: 'users.example.com' });
    const { token } = await app.createUser();
    const fields = [
      'X-Forwarded-Host: evil.example.com',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Port: 1',
      'X-Forwarded-Prefix: /evil',
      'Forwarded: host=evil.example.com;proto=https',
      'X-Original-Host: evil.example.com',
      'X-Host: evil.example.com',
      'Origin: https://evil.example.com',
      'Referer: https://evil.example.com/',
    ];
    const forwarded = await list(t, app, token, 'users.example.com', { fields });
    assert.equal(forwarded.base, 'http://users.example.com');
    assert.equal(forwarded.etag, (await list(t, app, token, 'users.example.com')).etag);
  });

  test('the host of a URL in absolute form replaces the Host header', { skip }, async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    const ask = (host: string, target: string) => list(t, app, token, host, { target });
    assert.equal(
      (await ask('evil.example.com', 'http://localhost:1/api/v2/users')).base,
      'http://localhost:1',
    );
    assert.equal((await ask('localhost', 'http://evil.example.com/api/v2/users')).base, app.url);
    assert.equal((await ask('localhost', 'http://a:b@localhost/api/v2/users')).base, app.url);
  });

  test('a public URL stands in all links, whatever the Host', async (t) => {
    const app = await startApp(t, engine, {
      publicUrl: 'https://people.example.com/accounts',
      allowedHosts: 'localhost',
    });
    const { token } = await app.createUser();
    for (const host of ['localhost', 'evil.example.com', '127.0.0.1'])
      assert.equal((await list(t, app, token, host)).base, 'https://people.example.com/accounts');
  });

  test('a list has one strong tag for each body, and no body of another host is kept for it', {
    skip,
  }, async (t) => {
    const app = await startApp(t, engine, { allowedHosts: 'a.example.com,b.example.com' });
    const { token } = await app.createUser({ sysadmin: true });
    await createPeople(app, Array(40).fill({}));
    const target = '/api/v2/users?page[size]=30';
    const bodies = new Map<string, string>();
    // Often enough for the cache of list bodies.
    for (let round = 0; round < 4; round++) {
      for (const host of ['a.example.com', 'b.example.com', 'a.example.com:81', 'evil.example.com']) {
        const { base, etag, text } = await list(t, app, token, host, { target });
        assert.equal(base, host.startsWith('evil') ? app.url : `http://${host}`);
        assert.equal(bodies.get(etag!) ?? text, text);
        bodies.set(etag!, text);
      }
    }
    assert.equal(bodies.size, 4);
    const [tag] = bodies.keys();
    const fields = [`If-None-Match: ${tag}`];
    assert.equal((await list(t, app, token, 'a.example.com', { target, fields })).status, 304);
    assert.equal((await list(t, app, token, 'A.example.com.', { target, fields })).status, 304);
    assert.equal((await list(t, app, token, 'b.example.com', { target, fields })).status, 200);
  });

  test('the tag of a list changes with the public URL, that of one record does not', async (t) => {
    const first = await startApp(t, engine, { publicUrl: 'https://a.example.com' });
    const { id, token } = await first.createUser();
    const second = await serveStore(t, first.store, { publicUrl: 'https://b.example.com' });
    const tags = async (path: string) =>
      Promise.all(
        [first, second].map(async (app) => (await app.request('GET', path, { token })).headers.get('etag')),
      );
    const [a, b] = await tags('/api/v2/users');
    assert.notEqual(a, b);
    const [one, other] = await tags(`/api/v2/users/${id}`);
    assert.equal(one, other);
  });

  test('Location begins with the same as links', { skip }, async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const create = async (host: string, email: string) => {
      const body = JSON.stringify(document({ email, first_name: 'Ann', last_name: 'Lee' }));
      const fields = [
        `X-Auth-Token: ${token}`,
        `Content-Type: ${mediaType}`,
        `Content-Length: ${body.length}`,
      ];
      const head = headerText('POST /api/v2/users HTTP/1.1', `Host: ${host}`, 'Connection: close', ...fields);
      const answer = readAnswer(await sendRaw(t, app.url, head + body));
      assert.equal(answer.status, 201, answer.text);
      return answer.headers.get('location')!;
    };
    assert.match(
      await create('localhost:8080', 'a@email.com'),
      /^http:\/\/localhost:8080\/api\/v2\/users\/\d+$/,
    );
    const location = await create('evil.example.com', 'b@email.com');
    assert.ok(location.startsWith(`${app.url}/api/v2/users/`), location);
    assert.equal((await app.request('GET', new URL(location).pathname, { token })).status, 200);
  });

  test('a service on all addresses links to the one that was reached', { skip }, async (t) => {
    const outer = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    for (const host of ['0.0.0.0', '::']) {
      const app = await startApp(t, engine, { host });
      const { token } = await app.createUser({ email: `${host.length}@email.com` });
      const { port } = new URL(app.url);
      for (const address of ['127.0.0.1', ...(outer === undefined ? [] : [outer])]) {
        const url = `http://${address}:${port}`;
        assert.equal((await list(t, app, token, 'evil.example.com', { url })).base, url);
        assert.equal((await list(t, app, token, '0.0.0.0:1', { url })).base, url);
        // A published port of a container differs from the port that was reached.
        assert.equal((await list(t, app, token, `${address}:81`, { url })).base, `http://${address}:81`);
      }
    }
  });

  test('no page links to a next one from the last page on', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    for (let i = 0; i < 3; i++) await app.createUser();
    const linked = async (query: string) => {
      const { body } = await app.request('GET', `/api/v2/users?${query}`, { token });
      return Object.keys(body.links).sort();
    };
    assert.deepEqual(await linked('page[size]=2&page[number]=1'), ['first', 'last', 'next']);
    assert.deepEqual(await linked('page[size]=2&page[number]=2'), ['first', 'last', 'prev']);
    // The page after the last: prev leads back to the last page, and there is no next.
    assert.deepEqual(await linked('page[size]=2&page[number]=3'), ['first', 'last', 'prev']);
    assert.deepEqual(await linked('page[size]=2&page[number]=4'), ['first', 'last']);
    assert.deepEqual(await linked('page[size]=4'), ['first', 'last']);
  });
});
