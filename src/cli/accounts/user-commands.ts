// `muster users ...`: names, arguments and help of the commands. accounts.ts, import.ts and export.ts do the work.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonOption, limitOption, onNewStore, onStore, positiveInteger, roleOption } from '../command.ts';
import { parseColumnMap } from '../import-export/column-map.ts';
import type { ExportCommandOptions } from '../import-export/export.ts';
import { encodings } from '../import-export/files/encoding.ts';
import { importFormats } from '../import-export/files/file-format.ts';
import type { ImportCommandOptions } from '../import-export/import.ts';
import { parseSource } from '../import-export/named-source.ts';
import { systemNames } from '../import-export/systems/systems.ts';
import type { OutputOptions } from '../print.ts';
import {
  createUserCommand,
  deleteUserCommand,
  findUserCommand,
  listUsersCommand,
  type NewUser,
  showUserCommand,
  updateUserCommand,
} from './accounts.ts';
import type { PasswordSource } from './read-password.ts';

export function userCommands(program: Command): void {
  const users = program.command('users').description('manages users');

  onStore(
    users
      .command('create')
      .description('creates a user; generates a password and prints it if none is given')
      .requiredOption('--email <email>', 'email, with which the user signs in')
      .requiredOption('--first-name <name>', 'first name')
      .requiredOption('--last-name <name>', 'last name')
      .addOption(
        new Option(
          '--password <password>',
          'password; other users of this machine can see it while the command runs, so prefer --password-stdin',
        ).conflicts('passwordStdin'),
      )
      .option('--password-stdin', 'read the password from standard input')
      .option('--organization <id>', 'id of the default organization; the user becomes a member')
      .addOption(roleOption())
      .option('--sysadmin', 'make the user a sysadmin with all powers')
      .option(
        '--set <attribute=value>',
        'another attribute, such as locale=de_DE; may be repeated',
        (text: string, others: string[] = []) => [...others, text],
      )
      .addOption(jsonOption()),
    (store, config, options: NewUser & OutputOptions) => createUserCommand(store, config, options, options),
  );

  onStore(
    users
      .command('list')
      .description('lists users, sorted by id')
      .addOption(limitOption())
      .addOption(jsonOption()),
    (store, config, options: OutputOptions & { limit: number }) =>
      listUsersCommand(store, config, options.limit, options),
  );

  onStore(
    users
      .command('show')
      .description('shows one user')
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    (store, config, user: string, options: OutputOptions) => showUserCommand(store, config, user, options),
  );

  onStore(
    users
      .command('find')
      .description('finds users by their id in the system from which they were imported')
      .requiredOption('--external-id <id>', 'id in the other system')
      .option('--source <name>', 'name of the other system, such as auth0')
      .addOption(jsonOption()),
    (store, config, options: OutputOptions & { externalId: string; source?: string }) =>
      findUserCommand(store, config, options, options),
  );

  onStore(
    users
      .command('update')
      .description('changes attributes of a user')
      .argument('<user>', 'an id or an email')
      .argument('<changes...>', 'attribute=value, such as first_name=Ann; attribute= clears it')
      .addOption(jsonOption()),
    (store, config, user: string, changes: string[], options: OutputOptions) =>
      updateUserCommand(store, config, user, changes, options),
  );

  onStore(
    users
      .command('set-password')
      .description(
        'sets a new password and ends the sign-ins of the user; asks for the password at the terminal',
      )
      .argument('<user>', 'an id or an email')
      .option('--password-stdin', 'read the password from standard input')
      .addOption(new Option('--generate', 'generate a password and print it').conflicts('passwordStdin'))
      .addOption(jsonOption()),
    async (store, config, user: string, options: OutputOptions & PasswordSource) =>
      (await import('./set-password.ts')).setPasswordCommand(store, config, user, options),
  );

  onStore(
    users
      .command('verify')
      .description(
        'checks a password on standard input; the exit status is 1 if it is wrong. It counts as no sign-in',
      )
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    async (store, config, user: string, options: OutputOptions) =>
      (await import('./verify-password.ts')).verifyPasswordCommand(store, config, user, options),
  );

  onStore(
    users
      .command('send-reset')
      .description('mails a user a link to set a new password; without SMTP, prints the link')
      .argument('<user>', 'an id or an email')
      .option('--print', 'print the link instead, to hand it over')
      .addOption(jsonOption()),
    async (store, config, user: string, options: OutputOptions & { print?: boolean }) =>
      (await import('./send-reset.ts')).sendResetCommand(store, config, user, options),
  );

  onStore(
    users
      .command('unlock')
      .description('lets a user sign in at once who has to wait after failed sign-ins')
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    async (store, config, user: string, options: OutputOptions) =>
      (await import('./unlock.ts')).unlockCommand(store, config, user, options),
  );

  onStore(
    users
      .command('delete')
      .description('deletes a user and all of their data')
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    (store, config, user: string, options: OutputOptions) => deleteUserCommand(store, config, user, options),
  );

  onNewStore(
    users
      .command('import')
      .description('creates users from a file; existing users are skipped, so it can be run again')
      .argument(
        '<file>',
        'CSV with a header line, JSON objects (a list or lines), or what --from reads; - for standard input',
      )
      .addOption(
        new Option(
          '--format <format>',
          'format of the file; by default what its name ends with: .csv, .tsv, .json, .jsonl, .ndjson or .ldif',
        ).choices(importFormats),
      )
      .addOption(
        new Option(
          '--encoding <name>',
          'encoding of the file; by default that of its byte order mark, else UTF-8',
        ).choices(encodings),
      )
      .option(
        '--delimiter <character>',
        'what is between the cells of CSV, or tab; by default the one of comma, semicolon and tab that the header line has',
        delimiter,
      )
      .addOption(
        new Option('--from <system>', 'system that has written the file, which is read as it is')
          .choices(systemNames)
          .conflicts(['map', 'ignoreUnknown']),
      )
      .option(
        '--source <name>',
        'name of this system in external ids, if there are several of one kind; by default that of --from',
        parseSource,
      )
      .option(
        '--hash-config <file>',
        'password hash parameters of the Firebase console, as it shows them or as JSON',
      )
      .option(
        '--map <names>',
        'columns with other names, such as "E-Mail=email,Name=first_name last_name,Notes="; may be repeated',
        parseColumnMap,
      )
      .option('--ignore-unknown', 'drop columns that are not attributes of users')
      .addOption(new Option('--dry-run', 'write nothing, and say what would happen').conflicts('create'))
      .option('--rejects <file>', 'write refused rows and their reasons to this new file')
      .option(
        '--organization <id>',
        'id of the organization of users whose record names no organization',
        positiveInteger,
      )
      .option('--from-line <n>', 'skip the lines before this one', positiveInteger)
      .addOption(
        new Option('--from-record <n>', 'skip the records before this one, in a JSON list')
          .argParser(positiveInteger)
          .conflicts('fromLine'),
      )
      .option('--any-password', 'accept plain passwords that break the password rules')
      .option('--with-privileges', 'import sysadmin, sysadmin_permissions and ical_token')
      .addOption(jsonOption()),
    async (store, config, file: string, options: ImportCommandOptions) =>
      (await import('../import-export/import.ts')).importCommand(store, config, file, options),
    async (file, options) => (await import('../import-export/import.ts')).checkImport(file, options),
  );

  onStore(
    users
      .command('export')
      .description('writes all users to a file that import can read')
      .argument('<file>', 'the file to write; - for standard output')
      .addOption(
        new Option(
          '--format <format>',
          'format of the file; by default csv if its name ends with .csv, else ndjson',
        ).choices(['csv', 'ndjson']),
      )
      .option('--hashes', 'include password hashes')
      .addOption(
        new Option(
          '--for-spreadsheet',
          'write CSV for a spreadsheet: the right letters, and no cell that it runs as a formula',
        ).conflicts('hashes'),
      )
      .option(
        '--delimiter <character>',
        'what is between the cells of CSV, or tab; by default a comma',
        delimiter,
      )
      .option('--overwrite', 'replace the file if it exists'),
    async (store, _config, file: string, options: ExportCommandOptions) =>
      (await import('../import-export/export.ts')).exportCommand(store, file, options),
  );
}

function delimiter(text: string): string {
  const character = text === 'tab' || text === '\\t' ? '\t' : text;
  if (character.length !== 1 || '"\r\n'.includes(character))
    throw new InvalidArgumentError('must be one character, or tab');
  return character;
}
