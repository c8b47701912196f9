// The commands of an operator. What a command needs is loaded when it is called: a service loads nothing of the others.

import type { Command } from 'commander';
import {
  allSettings,
  jsonOption,
  onDatabase,
  onNewStore,
  onStore,
  positiveInteger,
  withSettings,
} from '../command.ts';
import type { OutputOptions } from '../print.ts';
import type { MoveOptions } from './move.ts';

export function operatorCommands(program: Command): void {
  withSettings(program.command('serve').description('runs the service'), allSettings, async (config) =>
    (await import('../serve/serve.ts')).serve(config),
  );

  onDatabase(
    program
      .command('migrate')
      .description('makes the database if absent, and brings it to this version; serve does it too'),
    async (config) => {
      await (await import('../../open-store.ts')).prepareDatabase(config);
      process.stdout.write('The database is at this version.\n');
    },
  );
  onDatabase(
    program
      .command('backup')
      .description('copies the database, while the service runs')
      .argument('<file>', 'where to; there must be none yet'),
    async (config, file: string) => (await import('./maintenance.ts')).backupCommand(config, file),
  );
  onDatabase(
    program
      .command('restore')
      .description('puts a backup in the place of the database; the service must be stopped')
      .argument('<file>', 'a backup'),
    async (config, file: string) => (await import('./maintenance.ts')).restoreCommand(config, file),
  );
  onDatabase(
    program
      .command('move')
      .description('carries everything into another database, and compares; the service must be stopped')
      .option('--from <url>', 'where from; by default the database that the settings name')
      .requiredOption(
        '--to <url>',
        'where to, sqlite:PATH or postgres://…: empty, or what an interrupted move left',
      )
      .addOption(jsonOption()),
    async (config, options: MoveOptions) => (await import('./move.ts')).moveCommand(config, options),
  );
  withSettings(
    program
      .command('check')
      .description('looks through the database and the settings; exit status 1 where something is wrong')
      .option('--strict', 'count weak settings as wrong')
      .addOption(jsonOption()),
    allSettings,
    async (config, options: OutputOptions & { strict?: boolean }) =>
      (await import('./check.ts')).checkCommand(config, options),
  );
  onStore(
    program.command('info').description('versions, sizes and counts').addOption(jsonOption()),
    async (store, config, options: OutputOptions) =>
      (await import('./maintenance.ts')).infoCommand(store, config, options),
  );
  onNewStore(
    program
      .command('demo')
      .description('fills the database with people and organizations that could be real')
      .requiredOption('--users <n>', 'how many people, up to a million', positiveInteger)
      .option('--seed <n>', 'another seed, other people', positiveInteger, 1)
      .addOption(jsonOption()),
    async (store, config, options: OutputOptions & { users: number; seed: number }) =>
      (await import('../demo/demo.ts')).demoCommand(store, config, options),
  );
}
