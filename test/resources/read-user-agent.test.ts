import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUserAgent } from '../../src/resources/sign-in/read-user-agent.ts';

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test('a session shows the device, platform and browser that its User-Agent names', async () => {
  const shown: Record<string, (string | null)[]> = {
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Chrome/124.0.0.0 Safari/537.36`]: [
      'desktop',
      'macOS 10.15.7',
      'Chrome 124',
    ],
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1':
      ['iPhone', 'iOS 17.4', 'Safari 17'],
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0': [
      'desktop',
      'Windows 10',
      'Firefox 125',
    ],
    [`Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/124.0.0.0 Safari/537.36`]: [
      'desktop',
      'Linux',
      'Chrome 124',
    ],
    'curl/8.5.0': [null, null, 'curl 8.5.0'],
    node: [null, null, 'node'],
    'Mozilla/5.0': [null, null, null],
    '\u00ff\u00fe': [null, null, null],
    ' ': [null, null, null],
  };
  for (const [userAgent, expected] of Object.entries(shown)) {
    const { device, platform, browser } = await readUserAgent(userAgent);
    assert.deepEqual([device, platform, browser], expected, userAgent);
  }
  assert.deepEqual(await readUserAgent(null), { device: null, platform: null, browser: null });
});

test('a User-Agent of any length is read in milliseconds, and shown in at most 255 characters', async () => {
  const startedAt = performance.now();
  for (const part of ['x', 'Version/', 'Android ', ' (', 'Mozilla/5.0 (iPhone; ', '1.']) {
    const shown = await readUserAgent(part.repeat(16_000 / part.length));
    for (const text of Object.values(shown)) assert.ok(text === null || text.length <= 255);
  }
  assert.ok(performance.now() - startedAt < 1000);
});
