// Which client address is used for limits and in the log, behind trusted and untrusted proxies.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { engines } from '../../support/engines.ts';
import { sendPlain } from '../../support/send-plain.ts';
import { startApp } from '../../support/start-app.ts';

type Case = readonly [forwarded: string | undefined, address: string];

const behind: Readonly<Record<string, readonly Case[]>> = {
  // No proxy is trusted: the address of the connection is used.
  '': [
    [undefined, '127.0.0.1'],
    ['203.0.113.7', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
  ],
  // The peer is not a trusted proxy.
  '10.0.0.0/8, 192.0.2.1': [['203.0.113.7', '127.0.0.1']],
  loopback: [
    [undefined, '127.0.0.1'],
    ['', '127.0.0.1'],
    ['203.0.113.7', '203.0.113.7'],
    // What the client wrote itself is to the left of what the proxy added.
    ['1.2.3.4, 203.0.113.7', '203.0.113.7'],
    ['127.0.0.1, 203.0.113.7', '203.0.113.7'],
    ['203.0.113.7,127.0.0.5 , ::1', '203.0.113.7'],
    // All are trusted proxies: the furthest one is used.
    ['127.0.0.9, 127.0.0.5', '127.0.0.9'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:DB8:0:0::7]:4711', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, ::ffff:127.0.0.1', '203.0.113.7'],
    // Text that is not an address ends the search: no trusted proxy has seen what is left of it.
    ['unknown', '127.0.0.1'],
    ['203.0.113.7, unknown', '127.0.0.1'],
    ['203.0.113.7, , 127.0.0.5', '127.0.0.5'],
    ['203.0.113.7, _hidden, 127.0.0.5', '127.0.0.5'],
    ['1.2.3', '127.0.0.1'],
    ['1.2.3.400', '127.0.0.1'],
    ['"203.0.113.7"', '127.0.0.1'],
    ['203.0.113.7\\", "user_id": 1', '127.0.0.1'],
    ['[2001:db8::7', '127.0.0.1'],
    ['2001:db8::7::1', '127.0.0.1'],
    [`${'127.0.0.1,'.repeat(1000)}127.0.0.1`, '127.0.0.1'],
  ],
  '127.0.0.1, 198.51.100.0/24, 2001:db8:1::/48': [
    ['203.0.113.7, 198.51.100.200', '203.0.113.7'],
    ['203.0.113.7, 198.51.101.1', '198.51.101.1'],
    ['203.0.113.7, 2001:db8:1:ffff::9', '203.0.113.7'],
    ['203.0.113.7, 2001:db8:2::9', '2001:db8:2::9'],
    ['203.0.113.7, ::ffff:198.51.100.3', '203.0.113.7'],
  ],
};

describe('the address of a client', () => {
  for (const [trustedProxies, cases] of Object.entries(behind))
    test(`where ${trustedProxies || 'nobody'} is trusted`, async (t) => {
      const settings = { trustedProxies, maxHeaderBytes: '65536' };
      const app = await startApp(t, engines[0]!, settings);
      for (const [forwarded] of cases) {
        const headers = {
          'X-Real-IP': '203.0.113.99',
          Forwarded: 'for=203.0.113.99',
          ...(forwarded !== undefined && { 'X-Forwarded-For': forwarded }),
        };
        assert.equal((await sendPlain(t, app.url, ['GET', '/health/live'], headers)).status, 200);
      }
      await app.close();
      const lines = app.log.filter(({ msg }) => msg === 'request');
      assert.deepEqual(
        lines.map(({ address }, i) => [cases[i]![0], address]),
        cases,
      );
    });

  test('is that of the last of several headers, and of the connection for what comes before', async (t) => {
    const app = await startApp(t, engines[0]!, { trustedProxies: 'loopback' });
    const { status } = await sendPlain(t, app.url, ['GET', '/health/live'], {
      'X-Forwarded-For': '198.51.100.1',
      'x-forwarded-for': '203.0.113.7',
    });
    assert.equal(status, 200);
    await app.close();
    assert.equal(app.log.find(({ msg }) => msg === 'request')!.address, '203.0.113.7');
  });

  test('is one of IPv4 where it reached a socket of IPv6', async (t) => {
    const app = await startApp(t, engines[0]!, { host: '::', trustedProxies: '127.0.0.1' });
    const url = `http://127.0.0.1:${new URL(app.url).port}`;
    for (const headers of [{}, { 'X-Forwarded-For': '203.0.113.7' }])
      await sendPlain(t, url, ['GET', '/health/live'], headers as Record<string, string>);
    await app.close();
    assert.deepEqual(
      app.log.filter(({ msg }) => msg === 'request').map(({ address }) => address),
      ['127.0.0.1', '203.0.113.7'],
    );
  });

  test('changes no link: X-Forwarded-Host and X-Forwarded-Proto are not read', async (t) => {
    const app = await startApp(t, engines[0]!, { trustedProxies: 'loopback' });
    const { token } = await app.createUser();
    const headers = { 'X-Forwarded-Host': 'evil.example.com', 'X-Forwarded-Proto': 'https' };
    const { links } = (await app.request('GET', '/api/v2/users', { token, headers })).body;
    assert.ok(links.first.startsWith(`${app.url}/`), links.first);
  });
});
