// Runs commands on one database, one after the other, in processes that stay.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { clearedPostgres, type EngineName, temporaryFolder } from './engines.ts';
import { runResident } from './resident-commands.ts';
import { type Environment, type Finished, runMuster } from './spawn-muster.ts';

export interface CommandLine {
  readonly dataDir: string;
  /** The settings that name the database, for a service on the same one. */
  readonly env: Environment;
  /** Runs a command to its end. Does not throw if it fails. */
  attempt(...args: readonly string[]): Promise<Finished>;
  /**
   * @returns standard output
   * @throws AssertionError if the command fails or writes to standard error
   */
  run(...args: readonly string[]): Promise<string>;
  /** The same with --json, parsed. */
  json(...args: readonly string[]): Promise<any>;
  /**
   * @returns standard error
   * @throws AssertionError if the command succeeds or prints a stack trace
   */
  fail(...args: readonly string[]): Promise<string>;
}

/**
 * Commands on an empty database of the engine, or on the database in `settings`.
 * @param settings more settings; by default MUSTER_DATA_DIR is a new folder
 */
export async function commandLine(
  t: TestContext,
  settings: Environment = {},
  engine: EngineName = 'sqlite',
): Promise<CommandLine> {
  const dataDir = settings.MUSTER_DATA_DIR ?? (await temporaryFolder(t));
  if (engine === 'sqlite' && !settings.MUSTER_DATA_DIR && !settings.MUSTER_DATABASE_URL)
    await (await openStore(readConfig({ dataDir }, {}))).close();
  const database = engine === 'postgres' ? { MUSTER_DATABASE_URL: await clearedPostgres(t) } : {};
  const env = { ...database, ...settings, MUSTER_DATA_DIR: dataDir };
  // What is no setting, such as NODE_OPTIONS, a process reads only when it starts.
  const areSettings = Object.keys(env).every((name) => name.startsWith('MUSTER_'));
  const attempt = (...args: readonly string[]) =>
    areSettings ? runResident({ args, env }) : runMuster(args, { env });
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await attempt(...args);
    assert.equal(stderr, '', args.join(' '));
    assert.equal(code, 0, args.join(' '));
    return stdout;
  };
  return {
    dataDir,
    env,
    attempt,
    run,
    json: async (...args) => JSON.parse(await run(...args, '--json')),
    async fail(...args) {
      const { code, stdout, stderr } = await attempt(...args);
      assert.equal(code, 1, args.join(' '));
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /^ +at /m);
      return stderr;
    },
  };
}

/** The findings of `muster check` with this level. */
export async function findings(
  { attempt }: Pick<CommandLine, 'attempt'>,
  level: 'error' | 'warning' | 'notice',
): Promise<{ subject: string; finding: string }[]> {
  // Without an address: another program on this machine may have the default port.
  const { stdout, stderr } = await attempt('check', '--json', '--port', '0');
  assert.equal(stderr, '');
  return JSON.parse(stdout).filter((found: { level: string }) => found.level === level);
}
