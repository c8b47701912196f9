// The commands of an operator. Each loads its code only when it is called, so that a service does not load other commands.

import { type Command, Option } from 'commander';
import type { ExportArchiveOptions } from '../archive/export-archive.ts';
import type { ImportArchiveOptions } from '../archive/import-archive.ts';
import {
  allSettings,
  emailAddress,
  jsonOption,
  limitOption,
  onDatabase,
  onNewStore,
  onStore,
  positiveInteger,
  withSettings,
} from '../command.ts';
import type { OutputOptions } from '../print.ts';
import type { CheckOptions } from './check.ts';
import type { EventsOptions } from './events.ts';
import type { MoveOptions } from './move.ts';

export function operatorCommands(program: Command): void {
  withSettings(program.command('serve').description('runs the service'), allSettings, async (config) =>
    (await import('../serve/serve.ts')).serve(config),
  );

  onDatabase(
    program
      .command('migrate')
      .description(
        'creates the database if there is none, and migrates it to this version; serve does the same',
      ),
    async (config) => {
      await (await import('../../open-store.ts')).prepareDatabase(config);
      process.stdout.write('The database has the current version.\n');
    },
  );
  onDatabase(
    program
      .command('backup')
      .description('copies the SQLite database; the service may be running')
      .argument('<file>', 'the file to write; must not exist'),
    async (config, file: string) => (await import('./maintenance.ts')).backupCommand(config, file),
  );
  onDatabase(
    program
      .command('restore')
      .description('replaces the SQLite database with a backup; the service must be stopped')
      .argument('<file>', 'the file that `muster backup` wrote'),
    async (config, file: string) => (await import('./maintenance.ts')).restoreCommand(config, file),
  );
  onDatabase(
    program
      .command('move')
      .description('copies all data to another database and compares both; the service must be stopped')
      .addOption(
        new Option('--from <url>', 'the source; by default the database in the settings').conflicts([
          'dataDir',
          'databaseUrl',
        ]),
      )
      .requiredOption(
        '--to <url>',
        'the target, sqlite:PATH or postgres://…; must be empty, or left by an interrupted move',
      )
      .addOption(jsonOption()),
    async (config, options: MoveOptions) => (await import('./move.ts')).moveCommand(config, options),
  );
  onDatabase(
    program
      .command('export')
      .description('writes everything that belongs to the accounts to an archive; the service may be running')
      .argument('<file>', 'the .tar.gz file to write; - for standard output')
      .option('--without-events', 'leave out the audit trail')
      .option('--overwrite', 'replace the file if it exists')
      .addOption(jsonOption()),
    async (config, file: string, options: ExportArchiveOptions) =>
      (await import('../archive/export-archive.ts')).exportArchiveCommand(config, file, options),
  );
  onDatabase(
    program
      .command('import')
      .description('reads an archive into an empty database; the service must be stopped')
      .argument('<file>', 'the archive that `muster export` wrote')
      .option('--create', 'create the database if there is none')
      .addOption(jsonOption()),
    async (config, file: string, options: ImportArchiveOptions) =>
      (await import('../archive/import-archive.ts')).importArchiveCommand(config, file, options),
  );
  withSettings(
    program
      .command('check')
      .description(
        'checks the database, the settings and the mail server; the exit status is 1 if there is an error',
      )
      .option('--strict', 'exit status 1 also if there is a warning')
      .option('--mail-to <address>', 'send a test mail there', emailAddress)
      .addOption(jsonOption()),
    allSettings,
    async (config, options: CheckOptions) => (await import('./check.ts')).checkCommand(config, options),
  );
  onDatabase(
    program
      .command('reindex')
      .description('makes damaged indexes of searched texts anew; the service may be running')
      .argument('[tables...]', 'only of these tables, such as users; by default of all')
      .addOption(jsonOption()),
    async (config, tables: string[], options: OutputOptions) =>
      (await import('./reindex.ts')).reindexCommand(config, tables, options),
  );
  onStore(
    program
      .command('import-report')
      .description('shows how many users with imported password hashes have signed in since, by format')
      .addOption(jsonOption()),
    async (store, _config, options: OutputOptions) =>
      (await import('../import-export/import-report.ts')).importReportCommand(store, options),
  );
  onStore(
    program.command('info').description('shows versions, sizes and counts').addOption(jsonOption()),
    async (store, config, options: OutputOptions) =>
      (await import('./maintenance.ts')).infoCommand(store, config, options),
  );
  onStore(
    program
      .command('access')
      .description('says why somebody cannot sign in, and what to do')
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    async (store, config, user: string, options: OutputOptions) =>
      (await import('../accounts/access.ts')).accessCommand(store, config, user, options),
  );
  onStore(
    program
      .command('events')
      .description('prints the audit trail, the newest event last')
      .option('--action <actions>', 'only these, such as session.create,user.update')
      .addOption(new Option('--outcome <outcome>', 'only these').choices(['success', 'failure']))
      .option('--actor <user>', 'only acts of this user: an id or an email')
      .option('--subject <user>', 'only what concerns this user: an id or an email')
      .option('--organization <id>', 'only what concerns this organization', positiveInteger)
      .option('--ip <address>', 'only requests from this address')
      .option('--since <time>', 'only events at this time or later, in ISO 8601')
      .option('--until <time>', 'only events before this time, in ISO 8601')
      .addOption(limitOption())
      .option('--follow', 'wait for more events and print them, until SIGINT or SIGTERM')
      .addOption(new Option('--json', 'print a JSON object on each line')),
    async (store, config, options: EventsOptions) =>
      (await import('./events.ts')).eventsCommand(store, config, options),
  );
  onStore(
    program
      .command('mailbox')
      .description(
        'lists the mails that a service without SMTP keeps for 24 hours, or prints one with its link',
      )
      .argument('[id]', 'the id of a mail; without it, all are listed, the newest first')
      .addOption(limitOption())
      .addOption(jsonOption()),
    async (store, config, id: string | undefined, options: OutputOptions & { limit: number }) =>
      (await import('./mailbox.ts')).mailboxCommand(store, config, id, options),
    ['publicUrl', 'host', 'port'],
  );
  onNewStore(
    program
      .command('demo')
      .description(
        'fills the database with realistic users and organizations: people in all roles, some whose membership has ended, some who have left',
      )
      .requiredOption('--users <n>', 'number of users, up to a million', positiveInteger)
      .option(
        '--seed <n>',
        'seed of the random generator; another seed gives other users',
        positiveInteger,
        1,
      )
      .addOption(jsonOption()),
    async (store, config, options: OutputOptions & { users: number; seed: number }) =>
      (await import('../demo/demo.ts')).demoCommand(store, config, options),
  );
}
