// The commands on organizations and their members. They work on the database, whether a server runs or not.

import type { Config } from '../../config.ts';
import type { Role } from '../../model/actor.ts';
import { organizationName } from '../../model/kinds.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { joinOrganization, leaveOrganization } from '../../resources/users/default-organization.ts';
import type { Organization, Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printCut, printRecord, printRows, Time } from '../print.ts';
import { heldUserOf, organizationOf } from './named-records.ts';

export async function createOrganizationCommand(
  store: Store,
  config: Config,
  name: string,
  output: OutputOptions,
): Promise<void> {
  const checked = organizationName.check(name, zone('UTC'));
  if ('violations' in checked)
    throw new CommandError(checked.violations.map((rule) => `name ${rule}`).join('\n'));
  const kept = checked.value as string;
  const made = await store.write((transaction) => transaction.organizations.create(kept, Date.now()));
  printRecord(organizationRow(made, zone(config.timeZone)), output);
}

export async function listOrganizationsCommand(
  store: Store,
  config: Config,
  output: OutputOptions,
): Promise<void> {
  const timeZone = zone(config.timeZone);
  printRows(
    (await store.read.organizations.list()).map((organization) => organizationRow(organization, timeZone)),
    output,
  );
}

function organizationRow(organization: Organization, timeZone: Zone) {
  return { ...organization, created_at: new Time(organization.created_at, timeZone) };
}

/** @param organization an id; all organizations without one */
export async function listMembersCommand(
  store: Store,
  input: { organization: string | undefined; limit: number },
  output: OutputOptions,
): Promise<void> {
  const { memberships } = store.read;
  const organizationId =
    input.organization === undefined ? null : await organizationOf(store.read, input.organization);
  const members = await memberships.list(organizationId, input.limit);
  printRows(
    members.map((member) => ({ ...member })),
    output,
  );
  printCut(members.length, await memberships.count(organizationId), 'memberships');
}

export async function addMemberCommand(
  store: Store,
  input: { organization: string; user: string; role: Role },
  output: OutputOptions,
): Promise<void> {
  const member = await store.write(async (transaction) => {
    const organizationId = await organizationOf(transaction, input.organization);
    const user = await heldUserOf(transaction, input.user);
    await joinOrganization(transaction, user, { organizationId, role: input.role }, Date.now());
    return { organization_id: organizationId, user_id: user.id as number, role: input.role };
  });
  printRecord(member, output);
}

export async function removeMemberCommand(
  store: Store,
  input: { organization: string; user: string },
  output: OutputOptions,
): Promise<void> {
  const removed = await store.write(async (transaction) => {
    const organizationId = await organizationOf(transaction, input.organization);
    const user = await heldUserOf(transaction, input.user);
    if (!(await leaveOrganization(transaction, user, organizationId, Date.now())))
      throw new CommandError(`User ${input.user} is not a member of organization ${input.organization}`);
    return { organization_id: organizationId, user_id: user.id as number };
  });
  printRecord(removed, output);
}
