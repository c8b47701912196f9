// The log is complete and in order when a process ends, also if its threads are busy.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { endWithTests } from '../support/end-with-tests.ts';

const source = new URL('../../src/', import.meta.url).href;
const program = `
  import { pbkdf2 } from 'node:crypto';
  import { readConfig } from '${source}config.ts';
  import { serviceLog } from '${source}cli/serve/service.ts';
  const { log, write, flush, end } = serviceLog(readConfig({}, {}));
  // Passwords are hashed in the same threads that write files.
  for (let i = 0; i < 8; i++) pbkdf2('password', 'salt', 100_000, 64, 'sha512', () => {});
  for (let i = 0; i < 100; i++) write('line ' + i + '\\n');
  flush();
  for (let i = 100; i < 200; i++) write('line ' + i + '\\n');
  log.info('the last');
  await end();
  process.exit(0);
`;

test('every line is written once and in order before the process ends', async () => {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithTests(child);
  const lines = (await text(child.stdout)).split('\n').slice(0, -1);
  assert.match(lines.pop()!, /"msg":"the last"/);
  const expected = Array.from({ length: 200 }, (_, i) => `line ${i}`);
  assert.deepEqual(lines, expected);
});

test('a process whose log has no reader any more ends all the same', async () => {
  const unread = `
    import { readConfig } from '${source}config.ts';
    import { serviceLog } from '${source}cli/serve/service.ts';
    const { log, end } = serviceLog(readConfig({}, {}));
    await new Promise((resolve) => process.stdin.once('end', resolve).resume());
    for (let i = 0; i < 1000; i++) log.info('nobody reads this');
    if (process.env.WAYS_TO_END === 'all') await end();
    process.exit(7);
  `;
  for (const WAYS_TO_END of ['all', 'exit alone']) {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', unread], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, WAYS_TO_END },
    });
    endWithTests(child);
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(60_000) });
    child.stdout.destroy();
    child.stdin.end();
    try {
      assert.deepEqual(await ended, [7, null], WAYS_TO_END);
    } finally {
      child.kill('SIGKILL');
    }
  }
});
