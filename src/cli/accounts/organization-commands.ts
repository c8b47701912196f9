// `muster organizations ...`: names, arguments and help of the commands.

import type { Command } from 'commander';
import { jsonOption, onStore } from '../command.ts';
import type { OutputOptions } from '../print.ts';
import {
  createOrganizationCommand,
  deleteOrganizationCommand,
  listOrganizationsCommand,
  renameOrganizationCommand,
  showOrganizationCommand,
  updateOrganizationCommand,
} from './organizations.ts';

export function organizationCommands(program: Command): void {
  const organizations = program.command('organizations').description('manages organizations');
  onStore(
    organizations
      .command('create')
      .description('creates an organization')
      .argument('<name>', 'the name of the organization')
      .addOption(jsonOption()),
    (store, config, name: string, options: OutputOptions) =>
      createOrganizationCommand(store, config, name, options),
  );
  onStore(
    organizations.command('list').description('lists organizations, sorted by id').addOption(jsonOption()),
    (store, config, options: OutputOptions) => listOrganizationsCommand(store, config, options),
  );
  onStore(
    organizations
      .command('show')
      .description('shows one organization')
      .argument('<organization>', 'an id')
      .addOption(jsonOption()),
    (store, config, organization: string, options: OutputOptions) =>
      showOrganizationCommand(store, config, organization, options),
  );
  onStore(
    organizations
      .command('rename')
      .description('gives an organization another name, and with it another slug')
      .argument('<organization>', 'an id')
      .argument('<name>', 'the new name')
      .addOption(jsonOption()),
    (store, config, organization: string, name: string, options: OutputOptions) =>
      renameOrganizationCommand(store, config, organization, name, options),
  );
  onStore(
    organizations
      .command('update')
      .description('changes attributes of an organization')
      .argument('<organization>', 'an id')
      .argument('<changes...>', 'attribute=value, such as subdomain=acme; attribute= clears it')
      .addOption(jsonOption()),
    (store, config, organization: string, changes: string[], options: OutputOptions) =>
      updateOrganizationCommand(store, config, organization, changes, options),
  );
  onStore(
    organizations
      .command('delete')
      .description('deletes an organization and all memberships in it; the accounts stay')
      .argument('<organization>', 'an id')
      .addOption(jsonOption()),
    (store, config, organization: string, options: OutputOptions) =>
      deleteOrganizationCommand(store, config, organization, options),
  );
}
