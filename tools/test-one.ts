// `npm run test:one -- FILE… [NAME]`: runs the tests of these files on both engines, or only those whose names contain a text.

import { spawnSync } from 'node:child_process';

const given = process.argv.slice(2);
const files = given.filter((text) => text.endsWith('.test.ts'));
const [name, ...others] = given.filter((text) => !files.includes(text));
if (files.length === 0 || others.length > 0) {
  console.error('usage: npm run test:one -- FILE… [NAME]');
  process.exit(1);
}
const pattern =
  name === undefined ? [] : ['--test-name-pattern', name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')];
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-global-setup=test/support/shared-postgres.ts',
    '--test-timeout=300000',
    ...pattern,
    ...files,
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
