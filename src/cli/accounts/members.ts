// The commands for members. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import type { Role } from '../../model/actor.ts';
import { joinOrganization } from '../../resources/memberships/join-organization.ts';
import { leaveOrganization } from '../../resources/memberships/leave-organization.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printCut, printRecord, printRows } from '../print.ts';
import { heldUserOf, organizationOf } from './named-records.ts';
import { operatorOf } from './operator.ts';

/** @param input.organization an id; undefined for all organizations */
export async function listMembersCommand(
  store: Store,
  input: { organization: string | undefined; limit: number },
  output: OutputOptions,
): Promise<void> {
  const { memberships } = store.read;
  const organizationId =
    input.organization === undefined ? null : (await organizationOf(store.read, input.organization)).id;
  const members = await memberships.list(organizationId, input.limit);
  printRows(
    members.map((member) => ({ ...member })),
    output,
  );
  printCut(members.length, await memberships.count(organizationId), 'memberships');
}

export async function addMemberCommand(
  store: Store,
  config: Config,
  input: { organization: string; user: string; role: Role },
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const member = await writer.write(async (transaction) => {
    const { id: organizationId } = await organizationOf(transaction, input.organization);
    const user = await heldUserOf(transaction, input.user);
    const membership = { organizationId, role: input.role };
    await joinOrganization(transaction, writer, user, membership, services.clock());
    return { organization_id: organizationId, user_id: user.id, role: input.role };
  });
  printRecord(member, output);
}

export async function removeMemberCommand(
  store: Store,
  config: Config,
  input: { organization: string; user: string },
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const removed = await writer.write(async (transaction) => {
    const { id: organizationId } = await organizationOf(transaction, input.organization);
    const user = await heldUserOf(transaction, input.user);
    if (!(await leaveOrganization(transaction, writer, user, organizationId, services.clock())))
      throw new CommandError(`User ${input.user} is not a member of organization ${input.organization}`);
    return { organization_id: organizationId, user_id: user.id };
  });
  printRecord(removed, output);
}
