// A command syncs a file before renaming it, and syncs the rename before it ends.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
import type { FileCall } from '../support/record-file-calls.ts';
import { runMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;

/**
 * Runs a command.
 * @returns its file calls, in order
 */
async function callsOf(t: TestContext, muster: CommandLine, ...args: readonly string[]): Promise<FileCall[]> {
  const file = join(await temporaryFolder(t), 'calls');
  const env = {
    ...muster.env,
    NODE_OPTIONS: `--import=${new URL('../support/record-file-calls.ts', import.meta.url).href}`,
    RECORDED_FILE_CALLS: file,
  };
  const { code, stderr } = await runMuster(args, { env });
  assert.equal(code, 0, stderr);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function assertOnDisk(calls: readonly FileCall[], file: string): void {
  const shown = JSON.stringify(calls, null, 1);
  const named = calls.findLastIndex((call) => call.call === 'name' && call.as === file);
  assert.ok(named >= 0, `${file} got its name in no way that is known: ${shown}`);
  const { path } = calls[named]!;
  const content = calls.slice(0, named).findLast((call) => call.call === 'sync' && call.path === path);
  assert.ok(content?.call === 'sync', `${file} was not on disk when it got its name: ${shown}`);
  assert.equal(content.size, statSync(file).size, `${file} was written to after it was on disk`);
  const folder = calls.slice(named).find((call) => call.call === 'sync' && call.path === dirname(file));
  assert.ok(folder, `the name of ${file} was not on disk when the command ended: ${shown}`);
}

test('a backup, a restored database, an export and the secret of links are on disk when the command ends, each under its name', {
  timeout,
}, async (t) => {
  const muster = await commandLine(t);
  assert.equal((await muster.attempt('demo', '--users', '50', '--create')).code, 0);
  const folder = await temporaryFolder(t);
  const backup = join(folder, 'backup.db');
  assertOnDisk(await callsOf(t, muster, 'backup', backup), backup);
  for (const name of ['people.ndjson', 'people.csv']) {
    const file = join(folder, name);
    assertOnDisk(await callsOf(t, muster, 'users', 'export', file, '--hashes'), file);
  }

  const archive = join(folder, 'people.tar.gz');
  assertOnDisk(await callsOf(t, muster, 'export', archive), archive);

  const secret = join(muster.dataDir, 'muster.db-link-secret');
  assert.ok(!existsSync(secret));
  assertOnDisk(await callsOf(t, muster, 'users', 'update', '1', 'email=new@email.com'), secret);

  const database = join(muster.dataDir, 'muster.db');
  const calls = await callsOf(t, muster, 'restore', backup);
  assertOnDisk(calls, database);
  rmSync(database);
  assertOnDisk(await callsOf(t, muster, 'restore', backup), database);
});
