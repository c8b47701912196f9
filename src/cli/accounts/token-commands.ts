// `muster tokens ...`: names, arguments and help of the commands.

import { type Command, Option } from 'commander';
import { jsonOption, onStore } from '../command.ts';
import type { OutputOptions } from '../print.ts';
import { createTokenCommand, listTokensCommand, type NewToken, revokeTokenCommand } from './tokens.ts';

export function tokenCommands(program: Command): void {
  const tokens = program.command('tokens').description('manages the tokens of sessions');
  onStore(
    tokens
      .command('create')
      .description('creates a token and prints it; it is not shown again')
      .argument('<user>', 'an id or an email')
      .option('--name <name>', 'the name of the token', 'api token')
      .option('--read-only', 'create a token that may only read')
      .option('--expires-at <time>', 'when the token expires, in ISO 8601; by default never')
      .addOption(
        new Option(
          '--organization <organization>',
          'create a token that acts only in this organization: an id',
        ).conflicts('session'),
      )
      .option('--session', 'create the token of a sign-in, which a change of the password ends')
      .addOption(jsonOption()),
    (store, config, user: string, options: OutputOptions & Omit<NewToken, 'user'>) =>
      createTokenCommand(store, config, { ...options, user }, options),
  );
  onStore(
    tokens
      .command('list')
      .description('lists tokens, sorted by id; does not show the tokens themselves')
      .option('--user <user>', 'only tokens of this user: an id or an email')
      .addOption(jsonOption()),
    (store, config, options: OutputOptions & { user?: string }) =>
      listTokensCommand(store, config, options.user, options),
  );
  onStore(
    tokens
      .command('revoke')
      .description('revokes a token; takes effect at once')
      .argument('<id>', 'the id that `tokens list` shows')
      .addOption(jsonOption()),
    (store, config, id: string, options: OutputOptions) => revokeTokenCommand(store, config, id, options),
  );
}
