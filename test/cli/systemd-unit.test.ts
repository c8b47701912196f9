// deploy/muster.service, checked with systemd.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { temporaryFolder } from '../support/engines.ts';

const root = join(import.meta.dirname, '../..');
const unit = readFileSync(join(root, 'deploy/muster.service'), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** The values of a key, each with its section: `[Unit] StartLimitIntervalSec=0`. */
function values(key: string): string[] {
  let section = '';
  return unit.split('\n').flatMap((line) => {
    if (/^\[.+\]$/.test(line)) section = line;
    return line.startsWith(`${key}=`) ? [`${section} ${line}`] : [];
  });
}

test('the unit has no mistake that systemd can find', {
  skip: hasSystemd ? false : 'systemd-analyze is not installed',
}, async (t) => {
  const file = join(await temporaryFolder(t), 'muster.service');
  // The command is not installed here.
  writeFileSync(file, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
    encoding: 'utf8',
  });
  assert.equal(stdout + stderr, '');
  assert.equal(status, 0);
});

test('the unit starts the service again for as long as its database is away', () => {
  assert.deepEqual(values('Restart'), ['[Service] Restart=on-failure']);
  assert.match(values('RestartSec').join(), /^\[Service\] RestartSec=[1-9]\d*$/);
  assert.deepEqual(values('StartLimitIntervalSec'), ['[Unit] StartLimitIntervalSec=0']);
});

test('the unit waits for the network', () => {
  for (const key of ['Wants', 'After'])
    assert.match(values(key).join(), /^\[Unit\] .*\bnetwork-online\.target\b/, key);
});

test('the unit links documentation that the package brings', () => {
  const [, page] = /Documentation=file:\/.*\/muster-accounts\/(.+)$/.exec(values('Documentation').join())!;
  assert.ok(existsSync(join(root, page!)));
  assert.ok(packageJson.files.includes(page!.split('/')[0]!));
});
