// `muster organizations ...`, `members ...` and `tokens ...`.

import type { Command } from 'commander';
import type { Role } from '../../model/actor.ts';
import { jsonOption, limitOption, moment, onStore, roleOption } from '../command.ts';
import type { OutputOptions } from '../print.ts';
import {
  addMemberCommand,
  createOrganizationCommand,
  listMembersCommand,
  listOrganizationsCommand,
  removeMemberCommand,
} from './organizations.ts';
import { createTokenCommand, listTokensCommand, revokeTokenCommand } from './tokens.ts';

export function organizationCommands(program: Command): void {
  const organizations = program.command('organizations').description('organizations');
  onStore(
    organizations
      .command('create')
      .description('makes an organization')
      .argument('<name>', 'its name')
      .addOption(jsonOption()),
    (store, config, name: string, options: OutputOptions) =>
      createOrganizationCommand(store, config, name, options),
  );
  onStore(
    organizations.command('list').description('lists organizations by id').addOption(jsonOption()),
    (store, config, options: OutputOptions) => listOrganizationsCommand(store, config, options),
  );

  const members = program.command('members').description('who belongs to an organization');
  onStore(
    members
      .command('add')
      .description('makes a user a member, or changes their role')
      .argument('<organization>', 'an id')
      .argument('<user>', 'an id or an email')
      .addOption(roleOption())
      .addOption(jsonOption()),
    (store, config, organization: string, user: string, options: OutputOptions & { role: Role }) =>
      addMemberCommand(store, config, { organization, user, role: options.role }, options),
  );
  onStore(
    members
      .command('list')
      .description('lists members by organization and id')
      .argument('[organization]', 'an id; all organizations without one')
      .addOption(limitOption())
      .addOption(jsonOption()),
    (store, _config, organization: string | undefined, options: OutputOptions & { limit: number }) =>
      listMembersCommand(store, { organization, limit: options.limit }, options),
  );
  onStore(
    members
      .command('remove')
      .description('ends a membership')
      .argument('<organization>', 'an id')
      .argument('<user>', 'an id or an email')
      .addOption(jsonOption()),
    (store, config, organization: string, user: string, options: OutputOptions) =>
      removeMemberCommand(store, config, { organization, user }, options),
  );
}

export function tokenCommands(program: Command): void {
  const tokens = program.command('tokens').description('API tokens');
  onStore(
    tokens
      .command('create')
      .description('makes a token and prints it, this once')
      .argument('<user>', 'an id or an email')
      .option('--name <name>', 'what it is for', 'api token')
      .option('--expires-at <time>', 'when it ends, ISO 8601', moment)
      .option('--session', 'as a sign-in would make it: a password change ends it')
      .addOption(jsonOption()),
    (
      store,
      _config,
      user: string,
      options: OutputOptions & { name: string; expiresAt?: number; session?: boolean },
    ) => createTokenCommand(store, { ...options, user }, options),
  );
  onStore(
    tokens
      .command('list')
      .description('lists tokens by id, never their text')
      .option('--user <user>', 'of one account: an id or an email')
      .addOption(jsonOption()),
    (store, config, options: OutputOptions & { user?: string }) =>
      listTokensCommand(store, config, options.user, options),
  );
  onStore(
    tokens
      .command('revoke')
      .description('ends a token at once')
      .argument('<id>', 'the id that list shows')
      .addOption(jsonOption()),
    (store, _config, id: string, options: OutputOptions) => revokeTokenCommand(store, id, options),
  );
}
