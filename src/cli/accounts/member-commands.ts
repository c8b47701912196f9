// `muster members ...` and `people ...`: names, arguments and help of the commands.

import type { Command } from 'commander';
import { jsonOption, limitOption, onStore, roleOption } from '../command.ts';
import type { OutputOptions } from '../print.ts';
import {
  addMemberCommand,
  type ListedMembers,
  listMembersCommand,
  type NewMember,
  removeMemberCommand,
  showMemberCommand,
  updateMemberCommand,
} from './members.ts';
import { type ListedPeople, listPeopleCommand, showPersonCommand } from './people.ts';

export function memberCommands(program: Command): void {
  const members = program.command('members').description('manages members of organizations');
  /** A command for one membership. */
  const ofMember = (name: string, description: string) =>
    members
      .command(name)
      .description(description)
      .argument('<organization>', 'the id of the organization')
      .argument('<user>', 'an id or an email');
  onStore(
    ofMember('add', 'adds a user to an organization')
      .addOption(roleOption())
      .option('--expires-at <time>', 'when the membership ends, in ISO 8601; by default never')
      .addOption(jsonOption()),
    (store, config, organization: string, user: string, options: OutputOptions & NewMember) =>
      addMemberCommand(store, config, { ...options, organization, user }, options),
  );
  onStore(
    members
      .command('list')
      .description('lists members, sorted by organization and user id, also those whose membership has ended')
      .option('--organization <id>', 'only members of this organization')
      .option('--user <user>', 'only memberships of this user: an id or an email')
      .addOption(limitOption())
      .addOption(jsonOption()),
    (store, config, options: OutputOptions & ListedMembers) =>
      listMembersCommand(store, config, options, options),
  );
  onStore(
    ofMember('show', 'shows one membership').addOption(jsonOption()),
    (store, config, organization: string, user: string, options: OutputOptions) =>
      showMemberCommand(store, config, { organization, user }, options),
  );
  onStore(
    ofMember('update', 'changes the role or the end of a membership')
      .argument(
        '<changes...>',
        'role=owner, role=admin or role=member; expires_at=2030-01-01; expires_at= removes the end',
      )
      .addOption(jsonOption()),
    (store, config, organization: string, user: string, changes: string[], options: OutputOptions) =>
      updateMemberCommand(store, config, { organization, user }, changes, options),
  );
  onStore(
    ofMember('remove', 'removes a user from an organization; the account stays').addOption(jsonOption()),
    (store, config, organization: string, user: string, options: OutputOptions) =>
      removeMemberCommand(store, config, { organization, user }, options),
  );

  const people = program.command('people').description('shows who is or was in organizations');
  onStore(
    people
      .command('list')
      .description('lists people, sorted by id, also those who have left')
      .option('--organization <id>', 'only people of this organization')
      .addOption(limitOption())
      .addOption(jsonOption()),
    (store, config, options: OutputOptions & ListedPeople) =>
      listPeopleCommand(store, config, options, options),
  );
  onStore(
    people
      .command('show')
      .description('shows one person')
      .argument('<person>', 'the id that `people list` shows')
      .addOption(jsonOption()),
    (store, config, person: string, options: OutputOptions) =>
      showPersonCommand(store, config, person, options),
  );
}
