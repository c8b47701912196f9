// `muster serve --workers`: several processes serve one port and behave like one.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ratePeriodSeconds } from '../../src/store/store.ts';
import { type EngineName, emptyPostgres, onEachEngine, temporaryFolder } from '../support/engines.ts';
import { headerText, openSocket, type RawConnection, readAnswer } from '../support/raw-socket.ts';
import { type Environment, type MusterProcess, runMuster, spawnMuster } from '../support/spawn-muster.ts';
import { document, mediaType } from '../support/start-app.ts';

const timeout = 180_000;
const stopped = { code: 0, signal: null };
const metricsToken = 'a-token-for-metrics-alone';

async function start(t: TestContext, engine: EngineName, env: Environment = {}): Promise<MusterProcess> {
  const database = engine === 'postgres' ? { MUSTER_DATABASE_URL: await emptyPostgres(t) } : {};
  return spawnMuster(t, { env: { MUSTER_WORKERS: '3', ...database, ...env } });
}

const ready = ({ log }: MusterProcess) => log.filter(({ msg }) => msg === 'worker ready');
const ends = ({ log }: MusterProcess) => log.filter(({ msg }) => msg?.toString().startsWith('worker ended'));
const pids = (muster: MusterProcess) => ready(muster).map(({ pid }) => pid as number);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Each request on its own connection, because workers share connections. */
function ask(muster: MusterProcess, path = '/api/v2/users/1'): Promise<Response> {
  return fetch(muster.url + path, { headers: { 'X-Auth-Token': muster.token!, Connection: 'close' } });
}

/** Idle connections, one to each worker in turn, after one request. */
async function idleConnections(
  t: TestContext,
  { url }: MusterProcess,
  count: number,
): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  for (let i = 0; i < count; i++) {
    const connection = await openSocket(t, url);
    connection.socket.write(headerText('GET /health/live HTTP/1.1', 'Host: localhost'));
    await connection.until(/"live"/);
    connections.push(connection);
  }
  return connections;
}

/** The processes that answer: a request id begins with the id of its process. */
async function answering(muster: MusterProcess, requests: number): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let i = 0; i < requests; i++) {
    const answer = await ask(muster);
    assert.equal(answer.status, 200);
    seen.add(answer.headers.get('x-request-id')!.replace(/-\w+$/, ''));
  }
  return seen;
}

onEachEngine((engine) => {
  test('several processes answer at one address, and the welcome is printed once', { timeout }, async (t) => {
    const muster = await start(t, engine);
    assert.equal(new Set(pids(muster)).size, 3);
    assert.equal((await answering(muster, 30)).size, 3);
    const { links } = (await (await ask(muster, '/api/v2/users')).json()) as { links: { first: string } };
    assert.ok(links.first.startsWith(`${muster.url}/api/v2/users?`), links.first);
    assert.deepEqual(await muster.stop(), stopped);
    assert.equal(muster.stdout.match(/First account/g)?.length, 1);
    assert.equal(muster.stderr, '');
    const count = (message: string) => muster.log.filter(({ msg }) => msg === message).length;
    assert.deepEqual(['ready', 'stopping', 'stopped', 'request'].map(count), [1, 1, 1, 31]);
  });

  test('a worker that is killed is replaced, and the others go on meanwhile', { timeout }, async (t) => {
    const muster = await start(t, engine);
    const [killed] = pids(muster);
    process.kill(killed!, 'SIGKILL');
    await until(() => ends(muster).length === 1);
    // Two, or three if its replacement is ready already.
    assert.ok((await answering(muster, 10)).size >= 2);
    await until(() => ready(muster).length === 4);
    assert.equal((await answering(muster, 30)).size, 3);
    assert.equal(ends(muster)[0]!.pid, killed);
    assert.equal(ends(muster)[0]!.worker, ready(muster)[3]!.worker);
    assert.deepEqual(await muster.stop(), stopped);
  });

  test('the limit of requests holds for all workers together', { timeout }, async (t) => {
    const muster = await start(t, engine, { MUSTER_RATE_LIMIT: '20' });
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(muster)));
    const windows = 1 + Math.floor((performance.now() - startedAt) / (ratePeriodSeconds * 1000));
    const refused = answers.filter(({ status }) => status === 429);
    const taken = answers.filter(({ status }) => status === 200).length;
    assert.equal(taken + refused.length, 60);
    // On a busy machine, the requests can take longer than one window. Workers that counted alone would take all.
    assert.ok(taken >= 20 && taken <= 20 * windows, `${taken} in ${windows} windows`);
    for (const { headers } of refused) assert.match(headers.get('retry-after')!, /^([1-9]|10)$/);
    assert.deepEqual(await muster.stop(), stopped);
  });
});

describe('workers', { concurrency: 2 }, () => {
  test('all that are killed at once come again, on the same port', { timeout }, async (t) => {
    const muster = await start(t, 'sqlite', { MUSTER_WORKERS: '2' });
    for (const pid of pids(muster)) process.kill(pid, 'SIGKILL');
    await until(() => ready(muster).length === 4);
    assert.equal((await answering(muster, 10)).size, 2);
    assert.deepEqual(await muster.stop(), stopped);
  });

  test('one that ends again and again is started after longer and longer', { timeout }, async (t) => {
    const muster = await start(t, 'sqlite', { MUSTER_WORKERS: '2' });
    const { worker } = ready(muster)[0]!;
    const lives = () => ready(muster).filter((line) => line.worker === worker);
    for (let life = 1; life <= 3; life++) {
      await until(() => lives().length === life);
      process.kill(lives()[life - 1]!.pid as number, 'SIGKILL');
      await until(() => ends(muster).length === life);
    }
    assert.deepEqual(
      ends(muster).map(({ worker, signal, pauseMs }) => [worker, signal, pauseMs]),
      [100, 200, 400].map((pauseMs) => [worker, 'SIGKILL', pauseMs]),
    );
    // A stop during the pause does not wait for its end.
    assert.deepEqual(await muster.stop(), stopped);
  });

  test('one that is told to stop by itself ends what it does, and is replaced', { timeout }, async (t) => {
    const muster = await start(t, 'sqlite', { MUSTER_WORKERS: '2' });
    process.kill(pids(muster)[0]!, 'SIGTERM');
    await until(() => ready(muster).length === 3);
    assert.deepEqual([ends(muster)[0]!.code, ends(muster)[0]!.signal], [0, null]);
    assert.deepEqual(await muster.stop(), stopped);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`finish what is in flight on ${signal}, all of them, and the service ends with 0`, {
      timeout,
    }, async (t) => {
      const muster = await start(t, 'sqlite', { MUSTER_SHUTDOWN_TIMEOUT_MS: '3600000' });
      const body = JSON.stringify(document({ first_name: 'in flight' }));
      const header = headerText(
        'PATCH /api/v2/users/1 HTTP/1.1',
        'Host: localhost',
        `X-Auth-Token: ${muster.token}`,
        `Content-Type: ${mediaType}`,
        `Content-Length: ${body.length}`,
        'Expect: 100-continue',
      );
      const connections = [];
      for (let i = 0; i < 6; i++) {
        const connection = await openSocket(t, muster.url);
        connection.socket.write(header);
        await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
        connections.push(connection);
      }
      // A terminal sends the signal to every process.
      if (signal === 'SIGINT') for (const pid of pids(muster)) process.kill(pid, signal);
      const idle = await idleConnections(t, muster, 6);
      muster.signal(signal);
      await muster.logged('stopping');
      // Every worker has closed idle connections, and continues requests in flight.
      for (const { closed } of idle) await closed;
      for (const { socket } of connections) socket.write(body);
      for (const { closed } of connections) {
        const received = await closed;
        assert.equal(readAnswer(received.slice(received.lastIndexOf('HTTP/1.1 '))).status, 200);
      }
      assert.deepEqual(await muster.exited, stopped);
      assert.equal(muster.log.filter(({ msg }) => msg === 'stopped').length, 1);
      assert.equal(ends(muster).length, 0);
      for (const pid of pids(muster)) assert.equal(runs(pid), false);
    });
  }

  test('are closed all the same when MUSTER_SHUTDOWN_TIMEOUT_MS is over', { timeout }, async (t) => {
    const muster = await start(t, 'sqlite', { MUSTER_SHUTDOWN_TIMEOUT_MS: '200' });
    const connection = await openSocket(t, muster.url);
    connection.socket.write(
      headerText(
        'PATCH /api/v2/users/1 HTTP/1.1',
        'Host: localhost',
        `X-Auth-Token: ${muster.token}`,
        `Content-Type: ${mediaType}`,
        'Content-Length: 100',
        'Expect: 100-continue',
      ),
    );
    await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    muster.signal('SIGTERM');
    await connection.closed;
    assert.deepEqual(await muster.exited, stopped);
  });

  test('do not outlive the process that started them', { timeout }, async (t) => {
    const muster = await start(t, 'sqlite');
    const workers = pids(muster);
    assert.ok(workers.every(runs));
    await muster.stop('SIGKILL');
    await until(() => !workers.some(runs));
    await assert.rejects(ask(muster));
  });

  test('count together for /metrics', { timeout }, async (t) => {
    const muster = await start(t, 'sqlite', { MUSTER_METRICS_TOKEN: metricsToken });
    assert.equal((await answering(muster, 30)).size, 3);
    const answer = await fetch(`${muster.url}/metrics`, {
      headers: { Authorization: `Bearer ${metricsToken}` },
    });
    assert.equal(answer.status, 200);
    const text = await answer.text();
    const requests = /^muster_http_requests_total\{.*route="\/api\/v2\/users\/:id",status="200"\} (\d+)$/m;
    assert.equal(requests.exec(text)?.[1], '30');
    // Metrics of the database appear once, not summed over workers.
    assert.match(text, /^muster_users 1$/m);
    assert.deepEqual(await muster.stop(), stopped);
  });

  test('say what one process says where the port is taken, and where a setting is wrong', {
    timeout,
  }, async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    t.after(() => taken.close());
    const { port } = taken.address() as { port: number };
    const env = { MUSTER_DATA_DIR: await temporaryFolder(t), MUSTER_LOG_LEVEL: 'silent' };
    const serve = (workers: string, ...args: string[]) =>
      runMuster(['serve', '--workers', workers, ...args], { env });
    for (const args of [
      ['--port', String(port)],
      ['--host', '203.0.113.1'],
      ['--data-dir', '/dev/null/none'],
      ['--database-url', 'postgres://nobody@127.0.0.1:1/none'],
    ]) {
      const [alone, together] = [await serve('1', ...args), await serve('3', ...args)];
      assert.equal(together.code, 1);
      assert.match(together.stderr, /^muster: --(port|host|data-dir|database-url) cannot be /);
      assert.equal(together.stderr, alone.stderr);
      assert.equal(together.stdout, '');
    }
    const none = await serve('0');
    assert.deepEqual([none.code, none.stdout], [1, '']);
    assert.match(none.stderr, /^muster: --workers must be a whole number from 1 to 64, it is "0"\n$/);
  });
});
