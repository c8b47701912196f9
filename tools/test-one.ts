// `npm run test:one -- FILE [NAME]`: runs the tests of one file on both engines, or only those whose names contain a text.

import { spawnSync } from 'node:child_process';

const [file, name] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: npm run test:one -- FILE [NAME]');
  process.exit(1);
}
const pattern =
  name === undefined ? [] : ['--test-name-pattern', name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')];
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-global-setup=test/support/shared-postgres.ts', ...pattern, file],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
