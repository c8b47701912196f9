// Every command in a process of its own, where it must end by itself: it prints the same and ends the same as in a process
// that stays, which other tests use because it is faster.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { commands } from '../../src/cli/commands.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine, temporaryFolder } from '../support/engines.ts';
import { type Finished, runMuster } from '../support/spawn-muster.ts';

interface Run {
  readonly args: readonly string[];
  /** The exit status, if it is not 0. */
  readonly status?: number;
  /** The whole standard input. */
  readonly input?: string;
}

/**
 * In an order in which each can do its work, on a database with one member, with the same output when it runs again.
 * @param folder for files that they write
 */
function runs(folder: string, isSqlite: boolean): Readonly<Record<string, Run>> {
  const onlySqlite = isSqlite ? {} : { status: 1 };
  return {
    'organizations list': { args: [] },
    'organizations show': { args: ['1'] },
    'members list': { args: [] },
    'members show': { args: ['1', '99'], status: 1 },
    'people list': { args: [] },
    'people show': { args: ['1'] },
    'invitations list': { args: [] },
    'tokens list': { args: [] },
    'users list': { args: [] },
    'users show': { args: ['1'] },
    'users find': { args: ['--external-id', 'x'], status: 1 },
    'users verify': { args: ['1'], input: 'not the password\n', status: 1 },
    'users export': { args: ['-'] },
    access: { args: ['1'] },
    check: { args: ['--port', '0'] },
    events: { args: [] },
    info: { args: ['--json'] },
    mailbox: { args: [] },
    'import-report': { args: [] },
    migrate: { args: [] },
    reindex: { args: [] },
    export: { args: [join(folder, 'archive.tar.gz'), '--overwrite'] },
    backup: { args: [join(folder, 'backup')], ...onlySqlite },
    restore: { args: [join(folder, 'backup')], ...onlySqlite },
  };
}

/** Commands that other tests run in processes of their own. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'serve.test.ts': ['serve'],
  'archive.test.ts': ['import'],
  'move.test.ts': ['move'],
  'recorded-commands.test.ts': [
    'demo',
    'organizations create',
    'organizations rename',
    'organizations update',
    'organizations delete',
    'users create',
    'users update',
    'users set-password',
    'users send-reset',
    'users unlock',
    'users import',
    'users delete',
    'members add',
    'members update',
    'members remove',
    'invitations create',
    'invitations resend',
    'invitations delete',
    'tokens create',
    'tokens revoke',
  ],
};

function leaves(command: Command, names: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [names.join(' ')];
  return command.commands.flatMap((one) => leaves(one, [...names, one.name()]));
}

test('every command is run in a process of its own', () => {
  const here = Object.keys(runs('', true));
  assert.deepEqual(leaves(commands()).sort(), [...here, ...Object.values(elsewhere).flat()].sort());
});

/** Numbers differ between two runs: sizes, times, counts of pages. So does how often progress is shown. */
const comparable = ({ code, signal, stdout, stderr }: Finished) => ({
  code,
  signal,
  stdout: stdout.replaceAll(/\d+/g, '0'),
  stderr: stderr.replaceAll(/^.* %.*\n/gm, ''),
});

onEachEngine((engine) => {
  test('a command in a process of its own ends and prints as in one that stays', {
    timeout: 300_000,
  }, async (t) => {
    const { env, run, attempt } = await commandLine(
      t,
      { MUSTER_LINK_SECRET: 'a secret of links for tests, which is long' },
      engine,
    );
    await run('organizations', 'create', 'Acme');
    await run('users', 'create', '--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee');
    await run('members', 'add', '1', '1');
    const folders = await Promise.all([temporaryFolder(t), temporaryFolder(t)]);
    const [own, staying] = folders.map((folder) => Object.entries(runs(folder, engine === 'sqlite')));
    for (const [index, [name, { args, status = 0, input }]] of own!.entries()) {
      const finished = await runMuster([...name.split(' '), ...args], {
        env,
        ...(input !== undefined && { input }),
      });
      assert.equal(finished.code, status, `${name}: ${finished.stderr}`);
      if (input !== undefined) continue;
      const again = await attempt(...name.split(' '), ...staying![index]![1].args);
      for (const folder of folders)
        for (const one of [finished, again])
          Object.assign(one, {
            stdout: one.stdout.replaceAll(folder, ''),
            stderr: one.stderr.replaceAll(folder, ''),
          });
      assert.deepEqual(comparable(again), comparable(finished), name);
    }
  });
});
