// `muster invitations ...`: names, arguments and help of the commands.

import { type Command, Option } from 'commander';
import { jsonOption, limitOption, onStore, roleOption } from '../command.ts';
import type { OutputOptions } from '../print.ts';
import type { DeliveryOptions, ListedInvitations, NewInvitation } from './invitations.ts';

/** Loaded at the first use, because most commands need nothing of invitations. */
const load = () => import('./invitations.ts');

const printOption = () => new Option('--print', 'print the link instead of mailing it, to hand it over');

export function invitationCommands(program: Command): void {
  const invitations = program.command('invitations').description('manages invitations to organizations');
  onStore(
    invitations
      .command('create')
      .description('invites somebody to an organization by mail; without SMTP, prints the link')
      .argument('<organization>', 'the id of the organization')
      .argument('<email>', 'the address of whoever is invited')
      .addOption(roleOption())
      .option('--first-name <name>', 'first name, until the invitation is accepted')
      .option('--last-name <name>', 'last name, until the invitation is accepted')
      .option('--expires-at <time>', 'when the membership ends, in ISO 8601; by default never')
      .addOption(printOption())
      .addOption(jsonOption()),
    async (store, config, organization: string, email: string, options: DeliveryOptions & NewInvitation) =>
      (await load()).createInvitationCommand(store, config, { organization, email }, options, options),
  );
  onStore(
    invitations
      .command('list')
      .description('lists invitations that are not accepted, sorted by id')
      .option('--organization <id>', 'only invitations to this organization')
      .addOption(limitOption())
      .addOption(jsonOption()),
    async (store, config, options: OutputOptions & ListedInvitations) =>
      (await load()).listInvitationsCommand(store, config, options, options),
  );
  onStore(
    invitations
      .command('resend')
      .description('sends an invitation again, with a new link; without SMTP, prints the link')
      .argument('<invitation>', 'the id that `invitations list` shows')
      .addOption(printOption())
      .addOption(jsonOption()),
    async (store, config, invitation: string, options: DeliveryOptions) =>
      (await load()).resendInvitationCommand(store, config, invitation, options),
  );
  onStore(
    invitations
      .command('delete')
      .description('takes an invitation back: its link is not valid any more')
      .argument('<invitation>', 'the id that `invitations list` shows')
      .addOption(jsonOption()),
    async (store, config, invitation: string, options: OutputOptions) =>
      (await load()).deleteInvitationCommand(store, config, invitation, options),
  );
}
