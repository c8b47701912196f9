// The default organization of an account is an organization that it is a member of. The first membership sets it.
// When this membership is removed or ends, the oldest other one that has not ended replaces it, or null.

import { violation } from '../../errors.ts';
import type { Actor } from '../../model/actor.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { changedColumns } from '../operations/changed-columns.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import type { Asked, Decision } from '../operations/write-rules.ts';
import { organizations } from '../organizations/organizations.ts';
import { type User, users } from './users.ts';

/**
 * A new account becomes a member of the organization that is given. An existing account must already be a current
 * member: otherwise the value is ignored in a request, because clients often send the whole resource back, and refused
 * in a command. A bound token sets only its own organization.
 */
export async function decideDefaultOrganization(
  { records, memberships }: Reads,
  { actor, current, wanted, now }: Asked<typeof users>,
): Promise<Decision<typeof users>> {
  const { default_organization_id: id, ...others } = wanted;
  const accepted = { values: wanted, violations: [] };
  if (typeof id !== 'number') return accepted;
  if (current === null) {
    if ((await records(organizations).find(id)) !== null) return accepted;
    return { values: wanted, violations: [violation(name, 'is not a known organization')] };
  }
  if (!reaches(actor, id)) return { values: others, violations: [] };
  if ((await memberships.role(id, current.id, now)) !== null) return accepted;
  if (actor.userId !== null) return { values: others, violations: [] };
  return { values: wanted, violations: [violation(name, 'is not an organization of the user')] };
}

const name = 'default_organization_id';

/** A token that is bound to an organization neither chooses another one, nor learns whether the user is in it. */
function reaches(actor: Actor, organizationId: number): boolean {
  return actor.userId === null || actor.organizationId === null || actor.organizationId === organizationId;
}

/** @param user locked in this transaction */
export async function setDefault(
  transaction: Transaction,
  author: Author,
  user: User,
  id: number | null,
  now: number,
): Promise<void> {
  const changes = changedColumns(users, user, { default_organization_id: id }, now);
  const after = await transaction.records(users).update(user.id, changes);
  recordChange(transaction, author, users, { verb: 'update', before: user, after });
}

/**
 * Gives those of the users whose default organization was this one the organization of their oldest other current
 * membership, or null, with a few statements for all of them.
 * @param members locked in this transaction
 */
export async function moveDefaults(
  transaction: Transaction,
  author: Author,
  members: readonly User[],
  organizationId: number,
  now: number,
): Promise<void> {
  const losing = members.filter((user) => user.default_organization_id === organizationId);
  await replaceDefaults(transaction, author, losing, now, organizationId);
}

/**
 * The same for users who are no current members of their default organizations, which may differ.
 * @param losing locked in this transaction
 * @param but an organization that none of them gets
 */
export async function replaceDefaults(
  transaction: Transaction,
  author: Author,
  losing: readonly User[],
  now: number,
  but: number | null = null,
): Promise<void> {
  const losingIds = losing.map(({ id }) => id);
  const oldest = await transaction.memberships.oldestOf(losingIds, now, but);
  const byDefault = Map.groupBy(losing, ({ id }) => oldest.get(id) ?? null);
  for (const [id, changed] of byDefault) {
    const ids = changed.map((user) => user.id);
    const after = await transaction.records(users).updateMany(ids, { default_organization_id: id }, now);
    for (const [i, user] of changed.entries())
      recordChange(transaction, author, users, { verb: 'update', before: user, after: after[i]! });
  }
}
