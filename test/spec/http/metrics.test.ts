// /metrics: only with its own token; shows what an operator needs for graphs.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import packageJson from '../../../package.json' with { type: 'json' };
import { assertError } from '../../support/assert-error.ts';
import { type MusterProcess, spawnMuster } from '../../support/spawn-muster.ts';
import { document, send } from '../../support/start-app.ts';

const timeout = 180_000;
const metricsToken = 'a-token-for-metrics-alone';

/** Samples by their name and labels, as Prometheus reads them. */
async function scrape(muster: MusterProcess): Promise<Map<string, number>> {
  const answer = await fetch(`${muster.url}/metrics`, {
    headers: { Authorization: `Bearer ${metricsToken}` },
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const samples = new Map<string, number>();
  for (const line of (await answer.text()).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? assert.fail(line);
    samples.set(name!, Number(value));
  }
  return samples;
}

const measured = (t: TestContext) => spawnMuster(t, { env: { MUSTER_METRICS_TOKEN: metricsToken } });

describe('metrics', { concurrency: 2 }, () => {
  test('are not there without the setting', { timeout }, async (t) => {
    const muster = await spawnMuster(t);
    for (const headers of [{}, { Authorization: 'Bearer ' }, { Authorization: `Bearer ${metricsToken}` }]) {
      const response = await fetch(`${muster.url}/metrics`, { headers });
      const { status, headers: answered } = response;
      assertError({ status, headers: answered, text: await response.text() }, 404, 'record_not_found');
    }
  });

  test('are refused without their token, and to the tokens of accounts', { timeout }, async (t) => {
    const muster = await measured(t);
    const attempts: Record<string, string>[] = [
      {},
      { Authorization: '' },
      { Authorization: 'Bearer' },
      { Authorization: metricsToken },
      { Authorization: `Bearer ${metricsToken}x` },
      { Authorization: `Bearer ${metricsToken.slice(0, -1)}` },
      { Authorization: `Bearer ${muster.token}` },
      { 'X-Auth-Token': muster.token! },
      { 'X-Auth-Token': metricsToken },
    ];
    for (const headers of attempts) {
      const response = await fetch(`${muster.url}/metrics`, { headers });
      const { status, headers: answered } = response;
      assertError({ status, headers: answered, text: await response.text() }, 401, 'invalid_auth_token');
    }
    // And the metrics token gives no other access.
    const users = await send(muster.url, 'GET', '/api/v2/users', { token: metricsToken });
    assert.equal(users.status, 401);
  });

  test('count requests by their route, and measure the database and the process', { timeout }, async (t) => {
    const muster = await measured(t);
    const token = muster.token!;
    for (let i = 0; i < 3; i++) await send(muster.url, 'GET', '/api/v2/users/1', { token });
    await send(muster.url, 'GET', '/api/v2/users/999?filter[query]=secret', { token });
    const attributes = { email: 'ann@email.com', first_name: 'Ann', last_name: 'Lee' };
    await send(muster.url, 'POST', '/api/v2/users', { token, body: document(attributes) });
    await send(muster.url, 'GET', '/nowhere/at-all', { token });

    const samples = await scrape(muster);
    const requests = [...samples].filter(([name]) => name.startsWith('muster_http_requests_total{'));
    const count = (method: string, status: number, route: RegExp) =>
      requests
        .filter(
          ([name]) =>
            name.includes(`method="${method}"`) && name.includes(`status="${status}"`) && route.test(name),
        )
        .reduce((sum, [, value]) => sum + value, 0);
    assert.equal(count('GET', 200, /route="\/api\/v2\/users\/:\w+"/), 3);
    assert.equal(count('POST', 201, /route="\/api\/v2\/users"/), 1);
    // Few labels: no ids, no queries, no arbitrary paths.
    assert.doesNotMatch(requests.map(([name]) => name).join('\n'), /999|secret|nowhere|users\/1/);

    assert.equal(samples.get('muster_users'), 2);
    const build = `muster_build_info{version="${packageJson.version}",node="${process.version}",engine="sqlite"}`;
    assert.equal(samples.get(build), 1);
    for (const priority of ['signed_in', 'known_address', 'stranger', 'repeated']) {
      assert.equal(samples.get(`muster_password_queue{priority="${priority}"}`), 0);
      assert.equal(samples.get(`muster_password_shed_total{priority="${priority}"}`), 0);
    }
    for (const outcome of ['success', 'failure', 'throttled', 'shed'])
      assert.equal(samples.get(`muster_sign_ins_total{outcome="${outcome}"}`), 0);
    const cached = (what: string) => samples.get(`muster_document_cache_${what}_total{resource="users"}`);
    // The first two requests wrote the record, then it was kept; the third is the hit. The account that was made was written.
    assert.deepEqual([cached('hits'), cached('misses')], [1, 3]);
    // The session and the person of the first account, unless five seconds have passed.
    assert.ok([0, 2].includes(samples.get('muster_activity_waiting')!));
    assert.ok(samples.get('muster_database_bytes')! >= 4096);
    assert.ok(samples.get('muster_wal_bytes')! > 0);
    const named = (start: string) => [...samples].find(([name]) => name.startsWith(start))?.[1] ?? 0;
    assert.ok(named('muster_database_seconds_count{operation="read"}') >= 5);
    assert.ok(named('muster_database_seconds_count{operation="write"}') >= 1);
    assert.ok(named('muster_http_request_seconds_count{') >= 1);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      assert.ok(samples.has(name), name);

    await send(muster.url, 'GET', '/api/v2/users/1', { token });
    const later = [...(await scrape(muster))].find(
      ([name]) => /requests_total\{.*users\/:\w+"/.test(name) && name.includes('status="200"'),
    );
    assert.equal(later?.[1], 4);
    // The token is in no log.
    await muster.stop();
    assert.doesNotMatch(muster.stdout + muster.stderr, new RegExp(metricsToken));
  });

  test('count sign-ins by their outcome, and the sessions that are alive', { timeout }, async (t) => {
    const [email, password] = ['ann@email.com', 'a password of my own'];
    const muster = await spawnMuster(t, {
      env: {
        MUSTER_METRICS_TOKEN: metricsToken,
        MUSTER_BOOTSTRAP_EMAIL: email,
        MUSTER_BOOTSTRAP_PASSWORD: password,
      },
    });
    const signIn = async (given: string) => {
      const attributes = { email, password: given };
      const body = { data: { type: 'sessions', attributes } };
      return (await send(muster.url, 'POST', '/api/v2/sessions', { body })).status;
    };
    assert.equal((await scrape(muster)).get('muster_sessions'), 1);
    const statuses = [await signIn(password), await signIn(password)];
    while (statuses.at(-1) !== 429) statuses.push(await signIn('wrong password'));
    const samples = await scrape(muster);
    const outcomes = ['success', 'failure', 'throttled', 'shed'].map((outcome) =>
      samples.get(`muster_sign_ins_total{outcome="${outcome}"}`),
    );
    assert.deepEqual(outcomes, [2, statuses.length - 3, 1, 0]);
    assert.equal(samples.get('muster_sessions'), 3);
    assert.equal(samples.get('muster_password_working'), 0);
  });
});
