import type { Transaction } from '../../store/store.ts';
import type { Author } from '../operations/record-change.ts';
import { recordToken } from './record-token.ts';

/** @returns false if there is no such token */
export async function revokeToken(transaction: Transaction, author: Author, id: number): Promise<boolean> {
  const before = await transaction.tokens.find(id);
  if (before === null || !(await transaction.tokens.revoke(id))) return false;
  recordToken(transaction, author, { before, after: null });
  return true;
}
