// The required version of Node, and `npm start` as a process.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { endWithTests } from '../support/end-with-tests.ts';
import { temporaryFolder } from '../support/engines.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const needed = packageJson.engines.node.replace('>=', '');
const timeout = 180_000;

/** Starts a command with another version in `process.versions`. */
async function runAs(version: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const disguise = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const args = ['--import', disguise, 'src/main.js', '--version'];
  return promisify(execFile)(process.execPath, args, { cwd: root }).then(
    (output) => ({ code: 0, ...output }),
    (error) => error,
  );
}

describe('the Node that Muster runs on', { concurrency: 4 }, () => {
  for (const version of ['12.22.12', '18.20.8', '20.20.2', '22.20.0', '24.14.1']) {
    test(`Node ${version} is told in one line what is needed, with exit status 1`, { timeout }, async () => {
      const { code, stdout, stderr } = await runAs(version);
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.equal(
        stderr,
        `muster: Node ${needed} or newer is needed, this is Node ${version} (https://nodejs.org/en/download)\n`,
      );
    });
  }

  for (const version of [needed, '24.21.0', '26.0.0', '28.1.0']) {
    test(`Node ${version} is new enough`, { timeout }, async () => {
      const { code, stdout, stderr } = await runAs(version);
      assert.equal(stderr, '');
      assert.equal(stdout, `${packageJson.version}\n`);
      assert.equal(code, 0);
    });
  }
});

/** `npm start` on a free port, in a process group of its own, and the process that npm started. */
async function npmStart(t: TestContext) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|MUSTER_|NODE_OPTIONS)/.test(name)),
  );
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...env, MUSTER_PORT: '0', MUSTER_DATA_DIR: await temporaryFolder(t) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  endWithTests(npm, { group: true });
  const closed = once(npm, 'close');
  t.after(async () => {
    try {
      process.kill(-npm.pid!, 'SIGKILL');
    } catch {
      // All processes of the group have ended.
    }
    await closed;
  });
  let stderr = '';
  npm.stderr.on('data', (text) => {
    stderr += text;
  });
  const lines: Record<string, unknown>[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: npm.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      lines.push(JSON.parse(line));
      if (lines.at(-1)!.msg === 'ready') resolve(String(lines.at(-1)!.address));
    });
    npm.once('close', () => reject(new Error(`npm start ended before it was ready: ${stderr}`)));
  });
  const address = new URL(await ready);
  return {
    npm,
    lines,
    // Only when every process that holds its output has ended.
    closed,
    isServed: () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(Number(address.port), address.hostname);
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      }),
  };
}

describe('npm start', { concurrency: 2 }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    for (const whole of [false, true]) {
      const whom = whole ? 'its process group, as a terminal does' : 'npm';
      test(`${signal} to ${whom} stops the server and gives the port back`, { timeout }, async (t) => {
        const { npm, lines, closed, isServed } = await npmStart(t);
        assert.equal(await isServed(), true);
        process.kill(whole ? -npm.pid! : npm.pid!, signal);
        await closed;
        // A job may end meanwhile.
        const ends = lines.map(({ msg }) => msg).filter((msg) => msg !== 'job done');
        assert.deepEqual(ends.slice(-2), ['stopping', 'stopped']);
        assert.equal(await isServed(), false);
      });
    }
  }
});
