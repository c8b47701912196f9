// The commands for members. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import { readAttributes } from '../../jsonapi/read-document.ts';
import type { Role } from '../../model/actor.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { membershipRules } from '../../resources/memberships/membership-rules.ts';
import { type Membership, memberships } from '../../resources/memberships/memberships.ts';
import { changedColumns } from '../../resources/operations/changed-columns.ts';
import { createRecord } from '../../resources/operations/create.ts';
import { deleteRecord } from '../../resources/operations/delete.ts';
import { updateRecord } from '../../resources/operations/update.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printCut, printRecord, printRows, Time, time } from '../print.ts';
import { readGivenAttributes } from './given-attributes.ts';
import { membershipIn, membershipOf, organizationOf, userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';
import { shownAttributes } from './shown-attributes.ts';

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

/** A membership on the command line: the id of its organization, and the id or email of its user. */
export interface NamedMember {
  readonly organization: string;
  readonly user: string;
}

export interface NewMember extends NamedMember {
  readonly role: Role;
  readonly expiresAt?: string;
}

export async function showMemberCommand(
  store: Store,
  config: Config,
  named: NamedMember,
  output: OutputOptions,
): Promise<void> {
  const membership = await membershipOf(store.read, named);
  printRecord(shownAttributes(memberships, membership, zone(config.timeZone)), output);
}

/** @throws CommandError if the user is a member whose role or end is another one */
export async function addMemberCommand(
  store: Store,
  config: Config,
  { role, expiresAt, ...named }: NewMember,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const organizationId = (await organizationOf(store.read, named.organization)).id;
  const userId = (await userOf(store.read, named.user)).id;
  const attributes = {
    organization_id: organizationId,
    user_id: userId,
    role,
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
  const known = await membershipIn(store.read, organizationId, userId);
  if (known !== null) {
    const reading = { action: 'create', by: 'superuser', zone: services.zone } as const;
    const { values } = readAttributes(attributes, memberships, reading);
    const changes = changedColumns(memberships, known, { expires_at: null, ...values }, services.clock());
    if (Object.keys(changes).length > 0) throw isMember(known, named, services.zone);
  }
  const member = known ?? (await createRecord(membershipRules, services, writer, attributes));
  printRecord(summary(member, services.zone, services.clock()), output);
}

/** Adding never changes a membership: an owner would otherwise become a member because no role was given. */
function isMember(
  { role, expires_at: end }: Membership,
  { organization, user }: NamedMember,
  timeZone: Zone,
): CommandError {
  const until = end === null ? '' : ` until ${timeZone.format(end)}`;
  return new CommandError(
    `User ${user} is in organization ${organization} already, as ${role}${until}. Nothing was changed. To change ` +
      `the role or the end: muster members update ${organization} ${user} role=ROLE expires_at=TIME`,
  );
}

/**
 * Changes the role or the end.
 * @param changes `attribute=value`, with the value as in a CSV cell
 */
export async function updateMemberCommand(
  store: Store,
  config: Config,
  named: NamedMember,
  changes: readonly string[],
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const attributes = readGivenAttributes(memberships, changes);
  const { id } = await membershipOf(store.read, named);
  const changed = await updateRecord(membershipRules, services, writer, id, attributes);
  printRecord(summary(changed, services.zone, services.clock()), output);
}

export async function removeMemberCommand(
  store: Store,
  config: Config,
  named: NamedMember,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const { id, organization_id, user_id } = await membershipOf(store.read, named);
  await deleteRecord(membershipRules, services, writer, id);
  printRecord({ id, organization_id, user_id, removed: true }, output);
}

function summary(membership: Membership, timeZone: Zone, now: number) {
  const { id, organization_id, user_id, person_id, role, expires_at } = membership;
  const note = hasEnded(membership, now) && {
    note: `This membership gives no access, because it ended. To extend it: muster members update ${organization_id} ${user_id} expires_at=`,
  };
  return { id, organization_id, user_id, person_id, role, expires_at: time(expires_at, timeZone), ...note };
}

function hasEnded({ expires_at: end }: { readonly expires_at: number | null }, now: number): boolean {
  return end !== null && end <= now;
}
