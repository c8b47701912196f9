// The commands, put together.

import { Command } from 'commander';
import { ConfigError } from '../config.ts';
import { ApiError } from '../errors.ts';
import { StoreUnavailable } from '../store/store.ts';
import { version } from '../version.ts';
import { operatorCommands } from './operator-commands.ts';
import { organizationCommands, tokenCommands } from './organization-commands.ts';
import { CommandError } from './print.ts';
import { userCommands } from './user-commands.ts';

const program = new Command('muster')
  .description('A self-hosted user-account service that speaks the documented Users API.')
  .version(version)
  .configureHelp({ helpWidth: 110 })
  .addHelpText(
    'after',
    '\nEvery setting is an environment variable too: --data-dir is MUSTER_DATA_DIR. `muster serve --help` lists them.',
  );

operatorCommands(program, version);
userCommands(program);
organizationCommands(program);
tokenCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`muster: ${messageOf(error)}\n`);
  process.exit(1);
}

function messageOf(error: unknown): string {
  if ([ConfigError, CommandError, ApiError].some((kind) => error instanceof kind))
    return (error as Error).message;
  if (error instanceof StoreUnavailable) return `The database cannot be used now: ${error.message}`;
  return (error as Error).stack ?? String(error);
}
