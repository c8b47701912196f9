// What a transaction on PostgreSQL locks first, see Locks in ../store.ts.

import type { Locks } from '../store.ts';

export interface LockStatement {
  readonly text: string;
  readonly values: unknown[];
}

/**
 * The statements around the check of the caller, which locks the caller's account too. Accounts are locked in the order
 * of their ids, so those with smaller ids come before the check. One that is the caller's own does too: the check alone
 * would share its lock, and two transactions that both raise such a lock deadlock.
 * @param callerId null without a caller
 */
export function lockStatements(
  { organization, organizationIds = [], userIds }: Locks,
  callerId: number | null,
): { readonly before: LockStatement[]; readonly after: LockStatement[] } {
  const isBefore = (id: number) => callerId === null || id <= callerId;
  const [before, after] = [userIds.filter(isBefore), userIds.filter((id) => !isBefore(id))];
  const others = organizationIds.toSorted((a, b) => a - b).map((id) => ({ id, isShared: false }));
  const organizations = [...(organization === null ? [] : [organization]), ...others];
  return {
    before: [...organizations.map(lockOrganization), ...lockAccounts(before)],
    after: lockAccounts(after),
  };
}

/** An advisory lock and not that of the row: other transactions lock the row after accounts. */
function lockOrganization({ id, isShared }: NonNullable<Locks['organization']>): LockStatement {
  const lock = isShared ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  return { text: `SELECT ${lock}(hashtextextended($1, 0))`, values: [`members of organization ${id}`] };
}

function lockAccounts(ids: readonly number[]): LockStatement[] {
  if (ids.length === 0) return [];
  return [{ text: 'SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR UPDATE', values: [ids] }];
}
