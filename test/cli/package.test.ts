// The package as it is published: packed, installed into an empty folder, and run.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { endWithTests } from '../support/end-with-tests.ts';
import { temporaryFolder } from '../support/engines.ts';
import { send } from '../support/start-app.ts';

const timeout = 600_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const token = 'a-token-of-the-first-account-with-32-characters';
const metricsToken = 'a-token-of-the-metrics';

const run = promisify(execFile);

/** The environment without settings of the shell and of npm. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|MUSTER_|NODE_OPTIONS)/.test(name)),
);
const npm = async (folder: string, ...args: string[]) =>
  (await run('npm', args, { cwd: folder, env: environment, maxBuffer: 64 * 1024 * 1024 })).stdout;

/** The last line of JSON that npm prints, after the output of scripts. */
function packed(stdout: string): { filename: string; files: { path: string }[] } {
  const parsed = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  return Array.isArray(parsed) ? parsed[0] : (Object.values(parsed)[0] as never);
}

interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** @returns the address; all its processes are killed when the test ends */
async function serve(t: TestContext, { command, args, cwd }: Start): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    detached: true,
    env: {
      ...environment,
      // npm must use the Node of this process too.
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      MUSTER_PORT: '0',
      MUSTER_DATA_DIR: join(cwd, 'data'),
      MUSTER_BOOTSTRAP_TOKEN: token,
      MUSTER_METRICS_TOKEN: metricsToken,
      MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithTests(child, { group: true });
  const closed = once(child, 'close');
  t.after(async () => {
    process.kill(-child.pid!, 'SIGKILL');
    await closed;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    const { msg, address } = JSON.parse(line);
    if (msg === 'ready') {
      child.stdout.resume();
      return address;
    }
  }
  return assert.fail('It ended before it was ready');
}

test('the package installs into an empty folder, and its muster tells its version, serves, imports and exports', {
  timeout,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const { filename, files } = packed(await npm(root, 'pack', '--json', '--pack-destination', folder));
  const paths = files.map(({ path }) => path);
  for (const path of [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/main.js',
    'docs/architecture.md',
  ])
    assert.ok(paths.includes(path), path);
  // Development files and data must not be in the package.
  const strays = paths.filter((path) =>
    /^(src|test|bench|data|node_modules|logs)\/|\.db|\.env|\.tgz$/.test(path),
  );
  assert.deepEqual(strays, []);

  // The name of the package may be chosen; the command is `muster`.
  assert.equal(filename, `muster-accounts-${packageJson.version}.tgz`);
  await npm(folder, 'init', '--yes');
  const tarball = join(folder, filename);
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=dev', tarball);
  assert.ok(!existsSync(join(folder, 'node_modules/typescript')));
  const command = join(folder, 'node_modules/.bin/muster');
  const { stdout } = await run(process.execPath, [command, '--version'], { env: environment });
  assert.equal(stdout, `${packageJson.version}\n`);

  const url = await serve(t, { command: process.execPath, args: [command, 'serve'], cwd: folder });
  const list = await send(url, 'GET', '/api/v2/users', { token });
  assert.equal(list.status, 200, list.text);
  assert.equal(list.body.data[0].attributes.email, 'admin@example.com');
  // Hashing is native code, and the list of common passwords is data: the package must contain both.
  const change = (password: string) =>
    send(url, 'PATCH', '/api/v2/users/1/update_password', {
      token,
      body: {
        data: {
          type: 'users',
          attributes: { current_password: 'a password of the first account', password },
        },
      },
    });
  assert.equal((await change('password1')).status, 422);
  assert.equal((await change('another password of the first')).status, 200);
  // Pages, their scripts and their style are files of their own.
  for (const [path, content] of [
    ['reset', /<script type="module" src=".\/reset.js">/],
    ['reset.js', /import .* from '.\/page.js'/],
    ['page.js', /export function/],
    ['style.css', /--brand/],
  ] as const) {
    const page = await fetch(`${url}/account/${path}`);
    assert.equal(page.status, 200, path);
    assert.match(await page.text(), content);
  }
  await testData(url, folder, command);
});

/** Readers of other systems are loaded when they are needed, a long read runs in a file of its own, and an archive is tar. */
async function testData(url: string, folder: string, command: string) {
  const muster = (...args: string[]) =>
    run(process.execPath, [command, ...args, '--data-dir', join(folder, 'data')], {
      cwd: folder,
      env: environment,
    });
  const accounts = Array.from({ length: 2000 }, (_, i) =>
    JSON.stringify({ user_id: `auth0|${i}`, email: `ann${i}@example.com`, name: `Ann Lee${i}` }),
  );
  writeFileSync(join(folder, 'users.json'), accounts.join('\n'));
  assert.match((await muster('users', 'import', '--from', 'auth0', 'users.json')).stdout, /created +2000/);

  const texts = Array.from({ length: 10 }, (_, i) => `x${i}`).join();
  const found = await send(url, 'GET', `/api/v2/users?filter[last_name][not_contain]=${texts}`, { token });
  assert.equal(found.body.meta.total_count, 2001, found.text);
  const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
  assert.match(await metrics.text(), /muster_long_reads_total\{outcome="done"\} [1-9]/);

  assert.match((await muster('export', 'accounts.tar.gz')).stdout, /users +2001/);
}

test('a clone without its development dependencies starts on the Node of the machine', {
  timeout,
}, async (t) => {
  const folder = await temporaryFolder(t);
  for (const path of ['package.json', 'package-lock.json', '.npmrc', 'src'])
    cpSync(join(root, path), join(folder, path), { recursive: true });
  await npm(folder, 'ci', '--prefer-offline', '--omit=dev');
  assert.ok(!existsSync(join(folder, 'node_modules/.bin/node')));
  const url = await serve(t, { command: 'npm', args: ['start'], cwd: folder });
  const list = await send(url, 'GET', '/api/v2/users', { token });
  assert.equal(list.status, 200, list.text);
});
