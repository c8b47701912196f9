// Does the suite notice a fault? Puts one fault at a time into a copy of the project, runs the tests that should notice,
// and takes it out again. The working tree is never touched.
//
//   npm run faults                       every fault of tools/faults.ts, on both engines
//   npm run faults -- --only import      those whose name contains a text
//   npm run faults -- --engine sqlite    on one engine
//   npm run faults -- --list             names and files, and whether each fault still fits the source
//
// Exit status 1 where a fault was not noticed, or does not fit the source any more.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makePostgres } from '../test/support/postgres-server.ts';
import { type Fault, faults } from './faults.ts';

const root = join(import.meta.dirname, '..');
const copied = [
  'src',
  'test',
  'docs',
  'bench',
  'tools',
  'deploy',
  'package.json',
  'tsconfig.json',
  'README.md',
];
/** A fault that makes a test wait for ever is noticed too. */
const timeoutMs = 10 * 60_000;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    engine: { type: 'string', default: 'sqlite,postgres' },
    list: { type: 'boolean', default: false },
  },
});

type Outcome = 'noticed' | 'NOT NOTICED' | 'DOES NOT FIT';

/** The file with the fault in it; undefined where the text to replace is not there exactly once. */
function withFault({ file, find, replace }: Fault): string | undefined {
  const source = readFileSync(join(root, file), 'utf8');
  const parts = source.split(find);
  return parts.length === 2 ? parts.join(replace) : undefined;
}

function testsPass(folder: string, tests: readonly string[], postgresUrl: string): boolean {
  const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=2', ...tests], {
    cwd: folder,
    env: { ...process.env, MUSTER_TEST_ENGINES: options.engine, MUSTER_TEST_POSTGRES_URL: postgresUrl },
    stdio: 'ignore',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  return status === 0;
}

function tryFault(folder: string, fault: Fault, postgresUrl: string): Outcome {
  const faulty = withFault(fault);
  if (faulty === undefined) return 'DOES NOT FIT';
  const target = join(folder, fault.file);
  const sound = readFileSync(target);
  writeFileSync(target, faulty);
  try {
    return testsPass(folder, fault.tests, postgresUrl) ? 'NOT NOTICED' : 'noticed';
  } finally {
    writeFileSync(target, sound);
  }
}

const chosen = faults.filter(({ name }) => name.includes(options.only));
if (options.list) {
  for (const fault of chosen)
    console.log(
      `${withFault(fault) === undefined ? 'DOES NOT FIT' : 'fits        '}  ${fault.file}: ${fault.name}`,
    );
} else {
  const folder = mkdtempSync(join(tmpdir(), 'muster-faults-'));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const postgres = await makePostgres(folder, { settings: { fsync: 'off' } });
  await postgres.start();
  // A test that fails by itself would notice everything.
  const tests = [...new Set(chosen.flatMap((fault) => fault.tests))];
  const failing = tests.filter((test) => !testsPass(folder, [test], postgres.url()));
  if (failing.length > 0) console.log(`These fail without any fault: ${failing.join(', ')}`);
  const outcomes: Outcome[] = [];
  for (const fault of chosen) {
    const outcome = tryFault(folder, fault, postgres.url());
    outcomes.push(outcome);
    console.log(`${outcome.padEnd(12)}  ${fault.file}: ${fault.name}`);
  }
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  const noticed = outcomes.filter((outcome) => outcome === 'noticed').length;
  console.log(`${noticed} of ${outcomes.length} faults noticed`);
  if (noticed < outcomes.length || failing.length > 0) process.exitCode = 1;
}
