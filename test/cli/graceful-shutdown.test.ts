// E6 and E11: clients that never finish a request, and a graceful shutdown.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { assertError } from '../support/assert-error.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { headerText, openSocket, readAnswer } from '../support/raw-socket.ts';
import { type MusterProcess, spawnMuster } from '../support/spawn-muster.ts';
import { document, mediaType } from '../support/start-app.ts';

/** Far longer than a test may take: a test that waits for this timeout fails. */
const never = '3600000';
const timeout = 180_000;
const stopped = { code: 0, signal: null };

/** A PATCH of the first account up to half of its body, and the other half. */
async function halfSent(t: TestContext, muster: MusterProcess, first_name: string) {
  const body = JSON.stringify(document({ first_name }));
  const connection = await openSocket(t, muster.url);
  const header = headerText(
    'PATCH /api/v2/users/1 HTTP/1.1',
    'Host: localhost',
    `X-Auth-Token: ${muster.token}`,
    `Content-Type: ${mediaType}`,
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
  );
  connection.socket.write(header);
  // The server has read the header when it sends 100 Continue.
  await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
  connection.socket.write(body.slice(0, 20));
  return { connection, rest: body.slice(20) };
}

const finalAnswer = (received: string) => readAnswer(received.slice(received.lastIndexOf('HTTP/1.1 ')));

/**
 * The requests and the end in the log. Both are logged when the last connection closes, in either order; background
 * jobs log between them.
 */
const endOf = ({ log }: MusterProcess) =>
  log
    .filter(({ msg }) => msg === 'request' || msg === 'stopped')
    .map(({ msg, status }) => (msg === 'request' ? [msg, status] : [msg]))
    .sort();

/** Whether the port accepts connections. */
function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

describe('a client that never finishes', { concurrency: 2 }, () => {
  test('E6 answers every stalled request with 408, closes it, and keeps serving', { timeout }, async (t) => {
    const muster = await spawnMuster(t, { env: { MUSTER_REQUEST_TIMEOUT_MS: '2000' } });
    const token = `X-Auth-Token: ${muster.token}`;
    const stalls: Readonly<Record<string, string>> = {
      'half a request line': 'GET /api/v2/us',
      'half a header': `GET /api/v2/users HTTP/1.1\r\nHost: localhost\r\n${token}`,
      'no body': headerText(
        'PATCH /api/v2/users/1 HTTP/1.1',
        'Host: localhost',
        token,
        `Content-Type: ${mediaType}`,
        'Content-Length: 100',
      ),
      'half a body': `${headerText(
        'PATCH /api/v2/users/1 HTTP/1.1',
        'Host: localhost',
        token,
        `Content-Type: ${mediaType}`,
        'Content-Length: 100',
      )}{"data":`,
      'no last chunk': `${headerText(
        'PATCH /api/v2/users/1 HTTP/1.1',
        'Host: localhost',
        token,
        `Content-Type: ${mediaType}`,
        'Transfer-Encoding: chunked',
      )}3\r\n{"d\r\n`,
    };
    const connections = await Promise.all(
      Object.entries(stalls).map(async ([what, bytes]) => {
        const connection = await openSocket(t, muster.url);
        connection.socket.write(bytes);
        return { what, connection };
      }),
    );
    // A connection without any request is closed too.
    const silent = await openSocket(t, muster.url);
    for (const { what, connection } of connections) {
      const received = await connection.closed;
      assert.notEqual(received, '', what);
      assertError(readAnswer(received), 408, 'request_timeout');
      assert.equal(received.match(/^HTTP\/1\.1 /gm)?.length, 1, what);
    }
    await silent.closed;
    const answer = await fetch(`${muster.url}/api/v2/users`, { headers: { 'X-Auth-Token': muster.token! } });
    assert.equal(answer.status, 200);
    assert.deepEqual(await muster.stop(), stopped);
  });

  test('E6 is not held up by a client that sends a byte now and then', { timeout }, async (t) => {
    const muster = await spawnMuster(t, { env: { MUSTER_REQUEST_TIMEOUT_MS: '2000' } });
    const { connection, rest } = await halfSent(t, muster, 'x'.repeat(2000));
    let sent = 0;
    const drip = setInterval(() => connection.socket.write(rest[sent++]!), 20);
    t.after(() => clearInterval(drip));
    assertError(finalAnswer(await connection.closed), 408, 'request_timeout');
    clearInterval(drip);
    assert.ok(sent < rest.length);
  });
});

test('E6 starts with the longest times that the settings allow', { timeout }, async (t) => {
  const muster = await spawnMuster(t, {
    env: {
      MUSTER_REQUEST_TIMEOUT_MS: never,
      MUSTER_KEEP_ALIVE_TIMEOUT_MS: never,
      MUSTER_SHUTDOWN_TIMEOUT_MS: never,
      MUSTER_BUSY_TIMEOUT_MS: never,
    },
  });
  assert.deepEqual(await muster.stop(), stopped);
});

onEachEngine((engine) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`E11 finishes the request in flight on ${signal}, takes no new connection, and ends with 0`, {
      timeout,
    }, async (t) => {
      const { env, json } = await commandLine(t, { MUSTER_SHUTDOWN_TIMEOUT_MS: never }, engine);
      const muster = await spawnMuster(t, { env });
      const { connection, rest } = await halfSent(t, muster, 'in flight');
      muster.signal(signal);
      const { signal: told } = await muster.logged('stopping');
      assert.equal(told, signal);
      while (await accepts(muster.url));
      connection.socket.write(rest);
      const answer = finalAnswer(await connection.until(/"meta":\{\}\}$/));
      assert.equal(answer.status, 200);
      // Otherwise it would wait for a client that sends nothing more.
      assert.equal(answer.headers.get('connection'), 'close');
      assert.equal(JSON.parse(answer.text).data.attributes.first_name, 'in flight');
      await connection.closed;
      assert.deepEqual(await muster.exited, stopped);
      assert.deepEqual(endOf(muster), [['request', 200], ['stopped']]);

      assert.equal((await json('users', 'show', '1')).first_name, 'in flight');
    });
  }

  test('E11 loses nothing that it has acknowledged when it is stopped under load', { timeout }, async (t) => {
    const settings = { MUSTER_RATE_LIMIT: '0', MUSTER_SHUTDOWN_TIMEOUT_MS: '3000' };
    const { env, json } = await commandLine(t, settings, engine);
    const muster = await spawnMuster(t, { env });
    const acknowledged: string[] = [];
    const otherStatuses = new Set<number>();
    let enough: () => void;
    const loaded = new Promise<void>((resolve) => {
      enough = resolve;
    });
    async function client(name: string): Promise<void> {
      for (let i = 0; ; i++) {
        const email = `${name}.${i}@email.com`;
        const body = JSON.stringify(document({ email, first_name: 'Ann', last_name: 'Lee' }));
        const headers = { 'X-Auth-Token': muster.token!, 'Content-Type': mediaType };
        let status: number;
        try {
          const response = await fetch(`${muster.url}/api/v2/users`, { method: 'POST', headers, body });
          status = response.status;
          // A response that has begun is complete.
          assert.equal(typeof (await response.json()), 'object');
        } catch (error) {
          assert.ok(error instanceof TypeError, String(error));
          return;
        }
        if (status === 201) acknowledged.push(email);
        else {
          otherStatuses.add(status);
          return;
        }
        if (acknowledged.length === 100) enough();
      }
    }
    const clients = Promise.all(Array.from({ length: 20 }, (_, i) => client(`client${i}`)));
    await loaded;
    assert.deepEqual(await muster.stop(), stopped);
    await clients;
    assert.ok(
      [...otherStatuses].every((status) => status === 503),
      [...otherStatuses].join(),
    );

    const list = await json('users', 'list', '--limit', '100000');
    const kept = new Set(list.map(({ email }: { email: string }) => email));
    assert.ok(acknowledged.length >= 100);
    assert.deepEqual(
      acknowledged.filter((email) => !kept.has(email)),
      [],
    );
  });
});

describe('a service that is told to stop', { concurrency: 3 }, () => {
  test('E11 does not wait for connections on which nothing happens', { timeout }, async (t) => {
    const muster = await spawnMuster(t, { env: { MUSTER_SHUTDOWN_TIMEOUT_MS: never } });
    const used = await openSocket(t, muster.url);
    used.socket.write(headerText('GET /health/live HTTP/1.1', 'Host: localhost'));
    await used.until(/"live"/);
    const silent = await openSocket(t, muster.url);
    muster.signal('SIGTERM');
    await Promise.all([used.closed, silent.closed]);
    assert.deepEqual(await muster.exited, stopped);
  });

  test('E11 answers 503 to what arrives on an open connection while it stops', { timeout }, async (t) => {
    const muster = await spawnMuster(t, { env: { MUSTER_SHUTDOWN_TIMEOUT_MS: never } });
    const late = await Promise.all(
      ['/health/ready', '/health/live', '/api/v2/users', '/nowhere'].map(async (path) => {
        const connection = await openSocket(t, muster.url);
        // Enough bytes for the connection to count as busy.
        connection.socket.write(
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: ${muster.token}\r\n`,
        );
        return { path, connection };
      }),
    );
    // When this gets a response, everything sent before has arrived.
    const probe = await fetch(`${muster.url}/health/ready`, { headers: { Connection: 'close' } });
    assert.equal(probe.status, 200);
    muster.signal('SIGTERM');
    await muster.logged('stopping');
    for (const { path, connection } of late) {
      connection.socket.write('\r\n');
      const answer = readAnswer(await connection.closed);
      assertError(answer, 503, 'service_unavailable');
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/, path);
      assert.equal(answer.headers.get('connection'), 'close');
    }
    assert.deepEqual(await muster.exited, stopped);
  });

  for (const args of [[], ['--workers', '2']]) {
    test(`E11 answers every request of busy keep-alive connections, ${args.join(' ') || 'alone'}`, {
      timeout,
    }, async (t) => {
      const muster = await spawnMuster(t, { args, env: { MUSTER_RATE_LIMIT: '0' } });
      const { hostname, port } = new URL(muster.url);
      const request = headerText(
        'GET /api/v2/users/1 HTTP/1.1',
        'Host: localhost',
        `X-Auth-Token: ${muster.token}`,
      );
      const served = new Set<number>();
      let answers = 0;
      let loaded: () => void;
      const busy = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      /**
       * Sends requests until a response closes the connection.
       * @returns an error, if any
       */
      const client = (number: number) =>
        new Promise<string | null>((resolve) => {
          const socket = connect(Number(port), hostname);
          let received = '';
          let isLast = false;
          socket.setEncoding('utf8').on('data', (text: string) => {
            received += text;
            const [head, body] = received.split('\r\n\r\n') as [string, string | undefined];
            const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
            if (body === undefined || Buffer.byteLength(body) < length) return;
            isLast = /^connection: close/im.test(head);
            received = '';
            served.add(number);
            if (++answers >= 500 && served.size === 50) loaded();
            if (!isLast) socket.write(request);
          });
          socket.once('error', (error) => resolve(error.message));
          socket.once('close', () => resolve(isLast ? null : 'closed under a request'));
          socket.once('connect', () => socket.write(request));
        });
      const clients = Array.from({ length: 50 }, (_, i) => client(i));
      await busy;
      assert.deepEqual(await muster.stop(), stopped);
      assert.deepEqual(
        (await Promise.all(clients)).filter((failure) => failure !== null),
        [],
      );
    });
  }

  test('E11 closes what is still in flight when MUSTER_SHUTDOWN_TIMEOUT_MS is over, and ends with 0', {
    timeout,
  }, async (t) => {
    const muster = await spawnMuster(t, {
      env: { MUSTER_SHUTDOWN_TIMEOUT_MS: '200', MUSTER_REQUEST_TIMEOUT_MS: never },
    });
    const { connection } = await halfSent(t, muster, 'never to come');
    muster.signal('SIGTERM');
    await connection.closed;
    assert.deepEqual(await muster.exited, stopped);
    assert.deepEqual(endOf(muster), [['request', 400], ['stopped']]);
  });
});
