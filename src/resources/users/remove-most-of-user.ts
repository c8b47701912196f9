// Ends most sessions and memberships of a user who is deleted, in short transactions before the one that deletes the
// user: a single one would stop all other writes for long, and on SQLite all requests.

import type { Transaction } from '../../store/store.ts';
import { memberships } from '../memberships/memberships.ts';
import { recordEnded } from '../memberships/record-ended.ts';
import { BatchSize } from '../operations/batch-size.ts';
import { type Author, recordChange, showToAccount } from '../operations/record-change.ts';
import type { EmptyFirst, Writer } from '../operations/write-rules.ts';
import { sessions } from '../sessions/sessions.ts';
import { users } from './users.ts';

/**
 * Each transaction checks again that the caller may delete the user. The membership in the default organization is left,
 * so that a user whose deletion stopped halfway has a valid default; and that in the organization that the request names,
 * because without it the caller would no longer see the user there.
 * @returns the number of sessions that were ended
 */
export const removeMostOfUser: EmptyFirst<typeof users> = async (writer, id, _clock, requireMay) => {
  // The first of these transactions would end the session that the others need.
  if (writer.actor.userId === id) return 0;
  const repeat = async (removeFirst: RemoveFirst) => {
    // Each kind of row has its own size: a membership takes much longer than a session.
    const size = new BatchSize();
    let removed = 0;
    for (let isFull = true; isFull; )
      isFull = await size.timed(async (rows) => {
        const atLeast = removed === 0 ? rows : 1;
        const count = await writer.write(async (transaction) => {
          await requireMay(transaction);
          return removeFirst(transaction, { atLeast, atMost: rows });
        });
        removed += count;
        return count === rows;
      });
    return removed;
  };
  const ended = await repeat((...batch) => endSessions(writer, id, ...batch));
  await repeat((...batch) => endMemberships(writer, id, ...batch));
  return ended;
};

/**
 * Removes what is left of a user, in the transaction that deletes the user: everything if users delete their own account. The
 * foreign keys would remove all rows in one statement: on SQLite, everything waits for that.
 */
export async function removeRowsOf(transaction: Transaction, userId: number): Promise<void> {
  const { mails, links, idempotencyKeys, sessions: tokens, memberships: known, records } = transaction;
  for (const rows of [mails, links, idempotencyKeys])
    while ((await rows.eraseOf(userId, rowsAtOnce)) === rowsAtOnce);
  for (let isFull = true; isFull; ) {
    const ids = await tokens.firstOf(userId, rowsAtOnce);
    await tokens.endMany(ids);
    isFull = ids.length === rowsAtOnce;
  }
  for (let isFull = true; isFull; ) {
    const ids = await known.firstOf(userId, [], membershipsAtOnce);
    await known.erase(await records(memberships).findMany(ids));
    isFull = ids.length === membershipsAtOnce;
  }
}

const rowsAtOnce = 500;
/** With their people, each takes much longer. */
const membershipsAtOnce = 50;

/** @returns the number of removed rows: 0 if there are fewer than `atLeast`, because few go with the user */
type RemoveFirst = (transaction: Transaction, batch: Batch) => Promise<number>;

interface Batch {
  readonly atLeast: number;
  readonly atMost: number;
}

async function endSessions(
  author: Author,
  userId: number,
  transaction: Transaction,
  { atLeast, atMost }: Batch,
): Promise<number> {
  const ids = await transaction.sessions.firstOf(userId, atMost);
  if (ids.length < atLeast) return 0;
  const ended = await transaction.records(sessions).findManyForUpdate(ids);
  for (const before of ended)
    recordChange(transaction, author, sessions, { verb: 'delete', before, after: null });
  await transaction.sessions.endMany(ended.map(({ id }) => id));
  showToAccount(transaction, author, userId);
  return ids.length;
}

/** With their people. */
async function endMemberships(
  author: Writer,
  userId: number,
  transaction: Transaction,
  { atLeast, atMost }: Batch,
): Promise<number> {
  // The account is locked before its people, see the triggers.
  const user = await transaction.records(users).findForUpdate(userId);
  const left = [user?.default_organization_id, author.organizationId].filter((id) => typeof id === 'number');
  const ids = await transaction.memberships.firstOf(userId, left, atMost);
  if (ids.length < atLeast) return 0;
  const ended = await transaction.records(memberships).findManyForUpdate(ids);
  await recordEnded(transaction, author, ended);
  await transaction.memberships.erase(ended);
  showToAccount(transaction, author, userId);
  return ids.length;
}
