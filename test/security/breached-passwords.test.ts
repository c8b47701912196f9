// Sources of breached passwords: a file in the format of the Pwned Passwords download, and a range server.

import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { breachFile } from '../../src/security/breach-file.ts';
import { breachRanges } from '../../src/security/breach-ranges.ts';
import { BreachSourceError } from '../../src/security/breach-source-error.ts';
import { breachedPasswords } from '../../src/security/breached-passwords.ts';
import { temporaryFolder } from '../support/engines.ts';
import { rangeServer, sha1 } from '../support/range-server.ts';

const passwords = Array.from({ length: 40_000 }, (_, i) => `breached password ${i}`);
const hashes = passwords.map(sha1).sort();

async function fileOf(t: TestContext, text: string) {
  const path = join(await temporaryFolder(t), 'pwned-passwords.txt');
  writeFileSync(path, text);
  return { path, source: breachFile(path) };
}

const line = (hash: string, i: number) => `${hash}:${(i % 7919) + 1}`;

for (const [what, write] of [
  ['as it is downloaded', (lines: string[]) => lines.join('\r\n')],
  ['with line feeds, and one at its end', (lines: string[]) => `${lines.join('\n')}\n`],
  ['in lower case', (lines: string[]) => `${lines.join('\r\n').toLowerCase()}\r\n`],
] as const)
  test(`a sorted file ${what} is searched for every hash, the first and the last too`, async (t) => {
    for (const few of [1, 2, 90, 91, 200]) {
      const { source } = await fileOf(t, write(hashes.slice(0, few).map(line)));
      await source.check();
      for (const hash of hashes.slice(0, few)) assert.equal(await source.includes(hash), true);
      assert.equal(await source.includes(hashes[few]!), false);
    }
    const { source } = await fileOf(t, write(hashes.filter((_, i) => i % 2 === 0).map(line)));
    await source.check();
    for (const [i, hash] of hashes.entries())
      if (i < 50 || i % 397 === 0 || i > hashes.length - 50)
        assert.equal(await source.includes(hash), i % 2 === 0, `hash ${i}`);
    for (const hash of ['0'.repeat(40), 'F'.repeat(40)]) assert.equal(await source.includes(hash), false);
  });

test('a file that is not sorted, empty, missing, of another form or no file is found out at the start', async (t) => {
  const lines = hashes.map(line);
  const swapped = [...lines.slice(20_000), ...lines.slice(0, 20_000)];
  for (const [text, reason] of [
    [swapped.join('\n'), /^is not sorted by hash: see the line at byte \d+$/],
    [swapped.slice(19_990, 20_010).join('\n'), /^is not sorted by hash: see the line at byte 4\d\d$/],
    ['', /^is empty$/],
    ['password\nletmein\n', /^has a line that is not HASH:COUNT with a SHA-1 hash, at byte 0$/],
    // NTLM hashes are shorter.
    [`${hashes[0]!.slice(0, 32)}:3\r\n`, /^has a line that is not HASH:COUNT/],
    [`${lines.join('\n')}\n\n`, /^has a line that is not HASH:COUNT/],
    ['x'.repeat(3_000_000), /^has a line that is not HASH:COUNT/],
  ] as const) {
    const { source } = await fileOf(t, text);
    await assert.rejects(source.check(), (error: Error) => {
      assert.ok(error instanceof BreachSourceError);
      assert.match(error.message, reason);
      return true;
    });
  }
  const folder = await temporaryFolder(t);
  await assert.rejects(breachFile(folder).check(), { message: /^cannot be read \(EISDIR\)$/ });
  const missing = breachFile(join(folder, 'none'));
  await assert.rejects(missing.check(), { message: 'cannot be read (ENOENT)' });
  await assert.rejects(missing.includes(hashes[0]!), BreachSourceError);
});

test('a newer download replaces the file while the service runs', async (t) => {
  const { path, source } = await fileOf(t, line(hashes[0]!, 0));
  assert.equal(await source.includes(hashes[1]!), false);
  writeFileSync(`${path}.new`, line(hashes[1]!, 1));
  renameSync(`${path}.new`, path);
  assert.equal(await source.includes(hashes[1]!), true);
});

test('a range server learns five digits of a hash, is asked for padding, and padding is not taken for a breach', async (t) => {
  const server = await rangeServer(t, ['breached password']);
  const source = breachRanges(server.url, 5000);
  await source.check();
  assert.equal(await source.includes(sha1('breached password')), true);
  assert.equal(await source.includes(sha1('padded password')), false);
  assert.equal(await source.includes(sha1('a password of my own')), false);
  const [, { url, headers, method, rawHeaders } = assert.fail()] = server.requests;
  assert.deepEqual([method, url], ['GET', `/range/${sha1('breached password').slice(0, 5)}?mode=sha1`]);
  assert.equal(headers['add-padding'], 'true');
  assert.equal(headers['user-agent'], 'Muster');
  assert.doesNotMatch(rawHeaders.join(' '), new RegExp(sha1('breached password').slice(5), 'i'));
});

test('hashes of a range server may be in lower case', async (t) => {
  const server = await rangeServer(t, []);
  server.answer((response) => response.end(`${sha1('breached password').slice(5).toLowerCase()}:1\n`));
  assert.equal(await breachRanges(server.url, 5000).includes(sha1('breached password')), true);
});

test('a range server that is down, slow, refuses or answers nonsense is told apart, without its text', async (t) => {
  const server = await rangeServer(t, []);
  const source = breachRanges(server.url, 300);
  const html = '<html>Sign in to the network of this hotel: it costs 5</html>';
  for (const [answer, reason] of [
    [(response) => response.end(html), 'answers with something else than a range of hashes'],
    [(response) => response.end(''), 'answers with something else than a range of hashes'],
    [
      (response) => response.end(`${'A'.repeat(35)}:many`),
      'answers with something else than a range of hashes',
    ],
    [(response) => response.writeHead(400).end('secret text'), 'answers with an error'],
    [(response) => response.writeHead(503, 'secret text').end(), 'answers with an error'],
    [() => {}, 'does not answer within 300 ms'],
    [(response) => response.write(`${'A'.repeat(35)}:1\r\n`), 'does not answer within 300 ms'],
    [(response) => response.destroy(), 'cannot be reached (UND_ERR_SOCKET)'],
  ] as [Parameters<typeof server.answer>[0], string][]) {
    server.answer(answer);
    await assert.rejects(source.includes(sha1('x')), { message: reason });
    await assert.rejects(source.check(), { message: reason });
  }
  await assert.rejects(breachRanges('http://127.0.0.1:1', 5000).check(), {
    message: /^cannot be reached/,
  });
});

test('a source that does not answer lets passwords pass, and is reported once a minute with their number', async (t) => {
  const { path } = await fileOf(t, 'nonsense');
  const results: string[] = [];
  const reports: [string, number][] = [];
  let now = 0;
  const { include } = breachedPasswords(
    {
      breachedPasswords: `file:${path}`,
      breachedPasswordsUrl: '',
      breachedPasswordsTimeoutMs: 0,
    },
    { onResult: (result) => results.push(result), onUnknown: (...report) => reports.push(report) },
    () => now,
  );
  for (const time of [0, 1, 59_999, 60_000, 60_001]) {
    now = time;
    assert.equal(await include('a password'), false);
  }
  const reason = 'has a line that is not HASH:COUNT with a SHA-1 hash, at byte 0';
  assert.deepEqual(reports, [
    [reason, 1],
    [reason, 3],
  ]);
  writeFileSync(path, line(sha1('a password'), 1));
  assert.equal(await include('a password'), true);
  assert.equal(await include('b password'), false);
  assert.deepEqual(results, [...Array(5).fill('unknown'), 'found', 'not_found']);
});
