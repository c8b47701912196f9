// The commands of an operator.

import type { Command } from 'commander';
import { allSettings, jsonOption, onDatabase, onStore, positiveInteger, withSettings } from './command.ts';
import { demoCommand } from './demo.ts';
import { type MoveOptions, moveCommand } from './move.ts';
import { backupCommand, checkCommand, infoCommand, restoreCommand } from './operate.ts';
import type { OutputOptions } from './print.ts';
import { serve } from './serve.ts';

export function operatorCommands(program: Command, version: string): void {
  withSettings(program.command('serve').description('runs the service'), allSettings, (config) =>
    serve(config),
  );

  onStore(
    program.command('migrate').description('brings the database to this version; serve does it too'),
    async () => void process.stdout.write('The database is at this version.\n'),
  );
  onDatabase(
    program
      .command('backup')
      .description('copies the database, while the service runs')
      .argument('<file>', 'where to; there must be none yet'),
    (config, file: string) => backupCommand(config, file),
  );
  onDatabase(
    program
      .command('restore')
      .description('puts a backup in the place of the database; the service must be stopped')
      .argument('<file>', 'a backup'),
    (config, file: string) => restoreCommand(config, file),
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
    (config, options: MoveOptions) => moveCommand(config, options),
  );
  withSettings(
    program
      .command('check')
      .description('looks through the database and the settings; exit status 1 where something is wrong')
      .option('--strict', 'count weak settings as wrong')
      .addOption(jsonOption()),
    allSettings,
    (config, options: OutputOptions & { strict?: boolean }) => checkCommand(config, options),
  );
  onStore(
    program.command('info').description('versions, sizes and counts').addOption(jsonOption()),
    (store, config, options: OutputOptions) => infoCommand(store, config, version, options),
  );
  onStore(
    program
      .command('demo')
      .description('fills the database with people and organizations that could be real')
      .requiredOption('--users <n>', 'how many people, up to a million', positiveInteger)
      .option('--seed <n>', 'another seed, other people', positiveInteger, 1)
      .addOption(jsonOption()),
    (store, config, options: OutputOptions & { users: number; seed: number }) =>
      demoCommand(store, config, options),
  );
}
