// `muster users ...`: the words of the command line; what they do stands in accounts.ts, import.ts and export.ts.

import { type Command, Option } from 'commander';
import {
  formatOption,
  jsonOption,
  limitOption,
  onNewStore,
  onStore,
  positiveInteger,
  roleOption,
} from '../command.ts';
import { encodings } from '../import-export/encoding.ts';
import type { ExportCommandOptions } from '../import-export/export.ts';
import type { ImportCommandOptions } from '../import-export/import.ts';
import type { OutputOptions } from '../print.ts';
import {
  createUserCommand,
  deleteUserCommand,
  listUsersCommand,
  type NewUser,
  showUserCommand,
  updateUserCommand,
} from './accounts.ts';
import type { PasswordSource } from './read-password.ts';

export function userCommands(program: Command): void {
  const users = program.command('users').description('accounts');

  onStore(
    users
      .command('create')
      .description('makes an account; prints its password where none is given')
      .requiredOption('--email <email>', 'address used to sign in')
      .requiredOption('--first-name <name>', 'first name')
      .requiredOption('--last-name <name>', 'last name')
      .addOption(
        new Option(
          '--password <password>',
          'visible to others on this machine while the command runs; --password-stdin is not',
        ).conflicts('passwordStdin'),
      )
      .option('--password-stdin', 'take the password from standard input')
      .option('--organization <id>', 'default organization, whose member the account becomes')
      .addOption(roleOption())
      .option('--sysadmin', 'with all powers')
      .option(
        '--set <attribute=value>',
        'another attribute, such as locale=de_DE; may be given several times',
        (text: string, others: string[] = []) => [...others, text],
      )
      .addOption(jsonOption()),
    (store, config, options: NewUser & OutputOptions) => createUserCommand(store, config, options, options),
  );

  onStore(
    users
      .command('list')
      .description('lists accounts by id')
      .addOption(limitOption())
      .addOption(jsonOption()),
    (store, _config, options: OutputOptions & { limit: number }) =>
      listUsersCommand(store, options.limit, options),
  );

  onStore(
    users
      .command('show')
      .description('shows one account')
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    (store, config, user: string, options: OutputOptions) => showUserCommand(store, config, user, options),
  );

  onStore(
    users
      .command('update')
      .description('changes attributes of an account')
      .argument('<user>', 'an id or an email')
      .argument('<changes...>', 'attribute=value, such as first_name=Ann; nothing behind the = clears it')
      .addOption(jsonOption()),
    (store, config, user: string, changes: string[], options: OutputOptions) =>
      updateUserCommand(store, config, user, changes, options),
  );

  onStore(
    users
      .command('set-password')
      .description(
        'replaces the password of an account, which ends its sign-ins; asks for it at the terminal',
      )
      .argument('<user>', 'an id or an email')
      .option('--password-stdin', 'take the password from standard input')
      .addOption(new Option('--generate', 'make a password and print it').conflicts('passwordStdin'))
      .addOption(jsonOption()),
    async (store, config, user: string, options: OutputOptions & PasswordSource) =>
      (await import('./set-password.ts')).setPasswordCommand(store, config, user, options),
  );

  onStore(
    users
      .command('delete')
      .description('deletes an account and everything of it')
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    (store, config, user: string, options: OutputOptions) => deleteUserCommand(store, config, user, options),
  );

  onNewStore(
    users
      .command('import')
      .description('takes accounts over from a file; can be run again')
      .argument('<file>', 'CSV with a head line, or JSON a line; - for standard input')
      .addOption(formatOption())
      .addOption(
        new Option(
          '--encoding <name>',
          'of the file; by default UTF-8, or what its byte order mark says',
        ).choices(encodings),
      )
      .option('--organization <id>', 'whose members those become that have no other', positiveInteger)
      .option('--from-line <n>', 'go on from this line of the file', positiveInteger, 1)
      .option('--any-password', 'take plain passwords that the policy refuses')
      .option('--with-privileges', 'take sysadmin, sysadmin_permissions and ical_token')
      .addOption(jsonOption()),
    async (store, config, file: string, options: ImportCommandOptions) =>
      (await import('../import-export/import.ts')).importCommand(store, config, file, options),
    async (file) => {
      if (file !== '-') (await import('../import-export/read-records.ts')).sizeOf(file);
    },
  );

  onStore(
    users
      .command('export')
      .description('writes all accounts, as import reads them')
      .argument('<file>', 'where to; - for standard output')
      .addOption(formatOption())
      .option('--hashes', "with the passwords' hashes")
      .option('--overwrite', 'replace the file if it exists'),
    async (store, _config, file: string, options: ExportCommandOptions) =>
      (await import('../import-export/export.ts')).exportCommand(store, file, options),
  );
}
