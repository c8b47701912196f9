import type { Transaction } from '../../store/store.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import { sessions } from './sessions.ts';

/** @returns false if there is no such session */
export async function endSession(transaction: Transaction, author: Author, id: number): Promise<boolean> {
  const before = await transaction.records(sessions).findForUpdate(id);
  if (before === null) return false;
  await transaction.sessions.end(id);
  recordChange(transaction, author, sessions, { verb: 'delete', before, after: null });
  return true;
}
