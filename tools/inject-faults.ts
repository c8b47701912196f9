// Checks that the tests notice faults (mutation testing). Puts one fault at a time into a copy of the project, runs the
// tests that should notice it, and takes it out again. The working tree does not change.
//
//   npm run faults                       all faults of tools/faults.ts, each on its engines
//   npm run faults -- --only import      only faults whose name or file contains a text
//   npm run faults -- --engine sqlite    on one engine
//   npm run faults -- --quick            do not run the tests without a fault first
//   npm run faults -- --check            run no tests, only check that every fault still fits the source
//
// MUSTER_TEST_POSTGRES_URL is a PostgreSQL to use instead of starting one.
// The exit status is 1 if a fault was not noticed or does not fit the source any more.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makePostgres } from '../test/support/postgres-server.ts';
import { type Fault, faults, withFault } from './faults.ts';

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
/** Timeouts of one test and of all tests together. They notice a fault that makes a test wait for ever. */
const testTimeoutMs = 90_000;
const timeoutMs = 5 * 60_000;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    engine: { type: 'string', default: 'sqlite,postgres' },
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

type Outcome = 'noticed' | 'NOT NOTICED' | 'DOES NOT FIT';

function testsPass(folder: string, tests: readonly string[], engines: string, postgresUrl: string): boolean {
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-concurrency=2', `--test-timeout=${testTimeoutMs}`, ...tests],
    {
      cwd: folder,
      env: { ...process.env, MUSTER_TEST_ENGINES: engines, MUSTER_TEST_POSTGRES_URL: postgresUrl },
      stdio: 'ignore',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    },
  );
  return status === 0;
}

/** The engines on which the fault must be noticed, out of those of --engine. */
function enginesOf({ engine }: Fault): string[] {
  const engines = options.engine.split(',');
  return engine === undefined ? engines : engines.filter((name) => name === engine);
}

function tryFault(folder: string, fault: Fault, postgresUrl: string): Outcome {
  const faulty = withFault(folder, fault);
  if (faulty === undefined) return 'DOES NOT FIT';
  const target = join(folder, fault.file);
  const original = readFileSync(target);
  writeFileSync(target, faulty);
  try {
    // One engine after the other, because the tests must fail on each.
    const passes = enginesOf(fault).some((engine) => testsPass(folder, fault.tests, engine, postgresUrl));
    return passes ? 'NOT NOTICED' : 'noticed';
  } finally {
    writeFileSync(target, original);
  }
}

async function tryFaults(chosen: readonly Fault[], folder: string, postgresUrl: string): Promise<void> {
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // A test that fails without a fault would seem to notice every fault.
  const tests = [...new Set(chosen.flatMap((fault) => fault.tests))];
  const failing = options.quick
    ? []
    : tests.filter((test) => !testsPass(folder, [test], options.engine, postgresUrl));
  if (failing.length > 0) console.log(`These tests fail without any fault: ${failing.join(', ')}`);
  const outcomes: Outcome[] = [];
  for (const fault of chosen) {
    const outcome = tryFault(folder, fault, postgresUrl);
    outcomes.push(outcome);
    console.log(`${outcome.padEnd(12)}  ${fault.file}: ${fault.name}`);
  }
  const noticed = outcomes.filter((outcome) => outcome === 'noticed').length;
  console.log(`${noticed} of ${outcomes.length} faults noticed`);
  if (noticed < outcomes.length || failing.length > 0) process.exitCode = 1;
}

const chosen = faults.filter(
  (fault) => `${fault.file} ${fault.name}`.includes(options.only) && enginesOf(fault).length > 0,
);
if (options.check) {
  const unfit = chosen.filter((fault) => withFault(root, fault) === undefined);
  for (const { file, name } of unfit) console.log(`DOES NOT FIT  ${file}: ${name}`);
  console.log(`${chosen.length - unfit.length} of ${chosen.length} faults fit the source`);
  if (unfit.length > 0) process.exitCode = 1;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'muster-faults-'));
  const given = process.env.MUSTER_TEST_POSTGRES_URL;
  const server =
    given || !options.engine.includes('postgres')
      ? undefined
      : await makePostgres(folder, { settings: { fsync: 'off' } });
  await server?.start();
  try {
    await tryFaults(chosen, folder, given ?? server?.url() ?? '');
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
