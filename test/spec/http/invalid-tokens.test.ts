// B13: requests with invalid tokens are limited by the address of the client.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../src/http/metrics.ts';
import { generateToken } from '../../../src/security/tokens.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { startApp } from '../../support/start-app.ts';

const behindProxy = { trustedProxies: 'loopback', invalidTokenLimit: '3' };
const from = (address: string) => ({ 'X-Forwarded-For': address });

onEachEngine((engine) => {
  test('B13 invalid tokens from one network are limited, and valid tokens from it are not', async (t) => {
    const app = await startApp(t, engine, behindProxy);
    const { token } = await app.createUser();
    const ask = (address: string, presented: string | undefined, path = '/api/v2/users') =>
      app.request('GET', path, { token: presented, headers: from(address) });
    for (let i = 0; i < 3; i++)
      assertError(await ask(`2001:db8:1:2::${i}`, generateToken()), 401, 'invalid_auth_token');
    const limited = await ask('2001:db8:1:2::9', generateToken());
    const [error] = assertError(limited, 429, 'too_many_requests');
    assert.equal(error!.detail, 'You have exceeded the limit of 3 invalid tokens in 10 seconds');
    assert.match(limited.headers.get('retry-after')!, /^([1-9]|10)$/);
    assertError(await ask('2001:db8:1:2::9', undefined, '/api/v2/users?token=x'), 429, 'too_many_requests');
    // Valid tokens, requests without one, and other networks are not concerned.
    assert.equal((await ask('2001:db8:1:2::9', token)).status, 200);
    assertError(await ask('2001:db8:1:2::9', undefined), 401, 'invalid_auth_token');
    assertError(await ask('2001:db8:1:3::9', generateToken()), 401, 'invalid_auth_token');
  });

  test('B13 without trusted proxies, X-Forwarded-For gives nobody more invalid tokens', async (t) => {
    const app = await startApp(t, engine, { invalidTokenLimit: '3' });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      const headers = from(`203.0.113.${i}`);
      statuses.push((await app.request('GET', '/api/v2/users', { token: generateToken(), headers })).status);
    }
    assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  });

  test('B13 invalid tokens of metrics are limited too', async (t) => {
    const settings = { ...behindProxy, metricsToken: 'a token of the metrics' };
    const app = await startApp(t, engine, settings, { metrics: createMetrics() });
    const ask = async (token: string) => {
      const headers = { Authorization: `Bearer ${token}`, ...from('203.0.113.7') };
      return (await fetch(`${app.url}/metrics`, { headers })).status;
    };
    const statuses = [await ask('a'), await ask('b'), await ask('c'), await ask('d')];
    assert.deepEqual(statuses, [401, 401, 401, 429]);
    assert.equal(await ask('a token of the metrics'), 200);
  });
});
