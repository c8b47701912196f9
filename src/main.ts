#!/usr/bin/env node
// The command line.

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import * as accounts from './cli/accounts.ts';
import { openStore } from './cli/open-store.ts';
import type { OutputOptions } from './cli/print.ts';
import { serve } from './cli/serve.ts';
import {
  type Config,
  ConfigError,
  defaultText,
  environmentName,
  flagName,
  readConfig,
  type SettingName,
  settings,
} from './config.ts';
import { roles } from './model/actor.ts';
import { readTimestamp } from './model/timestamp.ts';
import { zone } from './model/zone.ts';
import type { Store } from './store/store.ts';

type Flags = Record<string, string | undefined>;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const program = new Command('muster')
  .description('A self-hosted user-account service that speaks the documented Users API.')
  .version(version)
  .showHelpAfterError('(--help lists what there is)')
  .configureHelp({ helpWidth: 110 })
  .addHelpText(
    'after',
    '\nEvery setting is an environment variable too: --data-dir is MUSTER_DATA_DIR. `muster serve --help` lists them.',
  );

function withSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { says, unit } = settings[name] as { says: string; unit?: string };
    const details = [`default: ${defaultText(name)}`, ...(unit ? [unit] : []), environmentName(name)];
    command.addOption(new Option(`${flagName(name)} <value>`, `${says} (${details.join('; ')})`));
  }
  return command;
}

const databaseSettings = ['dataDir', 'databaseUrl'] as const;

/** A command that opens the database, does its work and closes it. */
function onStore<A extends unknown[]>(
  command: Command,
  work: (store: Store, config: Config, ...rest: A) => Promise<void>,
): void {
  withSettings(command, databaseSettings).action(async (...args: unknown[]) => {
    const flags = command.opts<Flags>();
    const config = readConfig(pick(flags, databaseSettings), process.env);
    const store = await openStore(config);
    try {
      // Commander passes the arguments, then the options, then the command.
      await work(store, config, ...(args.slice(0, -1) as A));
    } finally {
      await store.close();
    }
  });
}

function pick(flags: Flags, names: readonly string[]): Flags {
  return Object.fromEntries(names.map((name) => [name, flags[name]]));
}

const json = () => new Option('--json', 'print JSON');
const role = () => new Option('--role <role>', 'what the member may do').choices(roles).default('member');

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('must be a whole number of 1 or more');
  return Number(text);
}

function moment(text: string): number {
  const interval = readTimestamp(text, zone('UTC'));
  if (interval === undefined) throw new InvalidArgumentError('must be a date or a time, ISO 8601');
  return interval.from;
}

const allSettings = Object.keys(settings) as SettingName[];

withSettings(program.command('serve').description('runs the service'), allSettings).action((flags: Flags) =>
  serve(readConfig(flags, process.env)),
);

onStore(
  program.command('migrate').description('brings the database to this version; serve does it too'),
  async () => void process.stdout.write('The database is at this version.\n'),
);

const users = program.command('users').description('accounts');
onStore(
  users
    .command('create')
    .description('makes an account; prints its password where none is given')
    .requiredOption('--email <email>', 'address used to sign in')
    .requiredOption('--first-name <name>', 'first name')
    .requiredOption('--last-name <name>', 'last name')
    .option(
      '--password <password>',
      'visible to others on this machine while the command runs; better left out',
    )
    .option('--organization <id>', 'default organization, whose member the account becomes')
    .addOption(role())
    .option('--sysadmin', 'with all powers')
    .addOption(json()),
  (store, config, options: Parameters<typeof accounts.createUserCommand>[2] & OutputOptions) =>
    accounts.createUserCommand(store, config, options, options),
);
onStore(
  users
    .command('list')
    .description('lists accounts by id')
    .option('--limit <n>', 'at most so many', positiveInteger, 1000)
    .addOption(json()),
  (store, _config, options: OutputOptions & { limit: number }) =>
    accounts.listUsersCommand(store, options.limit, options),
);
onStore(
  users
    .command('show')
    .description('shows one account')
    .argument('<user>', 'an id or an email')
    .addOption(json()),
  (store, _config, user: string, options: OutputOptions) => accounts.showUserCommand(store, user, options),
);

const organizations = program.command('organizations').description('organizations');
onStore(
  organizations
    .command('create')
    .description('makes an organization')
    .argument('<name>', 'its name')
    .addOption(json()),
  (store, _config, name: string, options: OutputOptions) =>
    accounts.createOrganizationCommand(store, name, options),
);
onStore(
  organizations.command('list').description('lists organizations by id').addOption(json()),
  (store, _config, options: OutputOptions) => accounts.listOrganizationsCommand(store, options),
);

const members = program.command('members').description('who belongs to an organization');
onStore(
  members
    .command('add')
    .description('makes a user a member, or changes their role')
    .argument('<organization>', 'an id')
    .argument('<user>', 'an id or an email')
    .addOption(role())
    .addOption(json()),
  (
    store,
    _config,
    organization: string,
    user: string,
    options: OutputOptions & { role: (typeof roles)[number] },
  ) => accounts.addMemberCommand(store, { organization, user, role: options.role }, options),
);
onStore(
  members
    .command('remove')
    .description('ends a membership')
    .argument('<organization>', 'an id')
    .argument('<user>', 'an id or an email')
    .addOption(json()),
  (store, _config, organization: string, user: string, options: OutputOptions) =>
    accounts.removeMemberCommand(store, { organization, user }, options),
);

const tokens = program.command('tokens').description('API tokens');
onStore(
  tokens
    .command('create')
    .description('makes a token and prints it, this once')
    .argument('<user>', 'an id or an email')
    .option('--name <name>', 'what it is for', 'api token')
    .option('--expires-at <time>', 'when it ends, ISO 8601', moment)
    .option('--session', 'as a sign-in would make it: a password change ends it')
    .addOption(json()),
  (
    store,
    _config,
    user: string,
    options: OutputOptions & { name: string; expiresAt?: number; session?: boolean },
  ) => accounts.createTokenCommand(store, { ...options, user }, options),
);
onStore(
  tokens
    .command('list')
    .description('lists tokens by id, never their text')
    .option('--user <user>', 'of one account: an id or an email')
    .addOption(json()),
  (store, _config, options: OutputOptions & { user?: string }) =>
    accounts.listTokensCommand(store, options.user, options),
);
onStore(
  tokens
    .command('revoke')
    .description('ends a token at once')
    .argument('<id>', 'the id that list shows')
    .addOption(json()),
  (store, _config, id: string, options: OutputOptions) => accounts.revokeTokenCommand(store, id, options),
);

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof ConfigError || error instanceof accounts.CommandError;
  process.stderr.write(
    `muster: ${expected ? (error as Error).message : ((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
}
