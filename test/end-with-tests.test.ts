// Processes that tests start do not outlive the tests.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { urlOf } from './support/database-rows.ts';
import { emptyDatabaseConfig } from './support/engines.ts';

const timeout = 180_000;
const support = join(import.meta.dirname, 'support');

/** A test file that has started two processes. They hold its standard output open. */
const program = `
  import { spawn } from 'node:child_process';
  import { endWithTests } from '${support}/end-with-tests.ts';
  const stdio = ['ignore', 'inherit', 'inherit'];
  endWithTests(spawn('sleep', ['1000'], { stdio })).unref();
  const script = 'sleep 1000 & sleep 1000';
  endWithTests(spawn('bash', ['-c', script], { stdio, detached: true }), { group: true }).unref();
  process.stdout.write('started');
  if (process.env.ENDS !== 'itself') setInterval(() => {}, 1000);
`;

for (const ENDS of ['itself', 'killed'])
  test(`the processes of a test file that ${ENDS === 'killed' ? 'is killed' : 'ends'} are killed`, {
    timeout,
  }, async () => {
    const file = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ENDS },
    });
    // Comes when no process holds its output any more.
    const closed = once(file, 'close');
    await once(file.stdout, 'data');
    if (ENDS === 'killed') file.kill('SIGKILL');
    assert.deepEqual(await closed, ENDS === 'killed' ? [null, 'SIGKILL'] : [0, null]);
  });

test('the process of jobs ends when its input closes', { timeout }, async (t) => {
  const url = urlOf(await emptyDatabaseConfig(t, 'sqlite'));
  const jobs = spawn(process.execPath, [join(support, 'run-jobs.ts'), url, '3000'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => void jobs.kill('SIGKILL'));
  const closed = once(jobs, 'close');
  await once(jobs.stdout, 'data');
  jobs.stdin.end();
  assert.deepEqual(await closed, [1, null]);
});
