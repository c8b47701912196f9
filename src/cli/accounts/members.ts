// The commands for members. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import type { Role } from '../../model/actor.ts';
import { zone } from '../../model/zone.ts';
import { joinOrganization } from '../../resources/memberships/join-organization.ts';
import { leaveOrganization } from '../../resources/memberships/leave-organization.ts';
import type { Member } from '../../store/accounts.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printCut, printRecord, printRows, Time, time } from '../print.ts';
import { heldUserOf, organizationOf, userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';

export interface ListedMembers {
  /** An id; without it, members of all organizations. */
  readonly organization?: string;
  /** An id or an email; without it, memberships of all users. */
  readonly user?: string;
  readonly limit: number;
}

export async function listMembersCommand(
  store: Store,
  config: Config,
  { organization, user, limit }: ListedMembers,
  output: OutputOptions,
): Promise<void> {
  const { read } = store;
  const of = {
    organizationId: organization === undefined ? null : (await organizationOf(read, organization)).id,
    userId: user === undefined ? null : (await userOf(read, user)).id,
  };
  const timeZone = zone(config.timeZone);
  const now = Date.now();
  const members = await read.memberships.list(of, limit);
  printRows(
    members.map((member) => ({
      ...member,
      created_at: new Time(member.created_at, timeZone),
      expires_at: time(member.expires_at, timeZone),
      ended: hasEnded(member, now),
    })),
    output,
  );
  printCut(members.length, await read.memberships.count(of), 'memberships');
}

function hasEnded({ expires_at }: Pick<Member, 'expires_at'>, now: number): boolean {
  return expires_at !== null && expires_at <= now;
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
