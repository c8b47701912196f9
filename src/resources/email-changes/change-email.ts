// Stores another address of an account, by a link.

import type { AttributeChange, AuditEvent } from '../../model/audit-event.ts';
import type { Transaction } from '../../store/store.ts';
import { changedColumns } from '../operations/changed-columns.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import { type User, users } from '../users/users.ts';

interface Recorded {
  readonly verb: string;
  readonly more?: readonly AttributeChange[];
  readonly details?: AuditEvent['details'];
}

/**
 * @param user locked in this transaction
 * @returns the account after the change
 * @throws UniqueViolation
 */
export async function changeEmail(
  transaction: Transaction,
  author: Author,
  user: User,
  email: string,
  now: number,
  recorded: Recorded = { verb: 'update' },
): Promise<User> {
  const changes = changedColumns(users, user, { email }, now);
  const isChanged = Object.keys(changes).length > 0;
  const after = isChanged ? await transaction.records(users).update(user.id, changes) : user;
  recordChange(transaction, author, users, { ...recorded, before: user, after });
  // Nobody is signed in by a link.
  transaction.showTo(user.id);
  return after;
}
