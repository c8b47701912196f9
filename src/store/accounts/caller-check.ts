// The rights of whoever writes, read again by the transaction that writes. They were read when the request began, and
// may be gone: a body can take minutes to arrive, a password is hashed for a tenth of a second, a row lock is waited for.

import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import { CallerChanged } from '../errors.ts';
import type { Parameter } from '../sql/compiled-queries.ts';
import type { Engine } from '../sql/engine.ts';
import { type Caller, haveSameRights, isExpired, type Target } from '../store.ts';
import { type AccountRow, accountColumns, readAccount } from './authentication.ts';

export interface CallerCheck {
  /** The account that writes. */
  readonly userId: number;
  /** Reads the tokens and the account, and locks both until the transaction ends. */
  readonly query: CompiledQuery<AccountRow>;
  /** The same without locks. */
  readonly look: CompiledQuery<AccountRow>;
  /** @param rows what the query has found @throws CallerChanged, also where a token or the account has ended by now */
  verify(rows: readonly AccountRow[]): void;
  /**
   * For a single statement that changes a record: that nothing of the caller has changed; null where only a transaction
   * can tell.
   */
  condition(changed: Target): CallerCondition | null;
  /** Right before that statement. @throws CallerChanged where the token or the account has ended by the clock */
  verifyTime(): void;
}

/** Part of a statement that changes a row, with a parameter for each of the values. */
export interface CallerCondition {
  /** Whether the row is the caller's own account. */
  readonly isOwn: boolean;
  readonly values: readonly unknown[];
  /**
   * That nothing of the caller has changed. Locks the caller's rows and the row that is changed.
   * @param table of the row
   * @param isKey what finds the row
   */
  holds(table: string, isKey: RawBuilder<boolean>, parameters: readonly Parameter[]): RawBuilder<boolean>;
}

type Lock = 'none' | 'share' | 'update';

/** @returns a function that makes the check of a caller */
export function callerChecks(engine: Engine): (caller: Caller) => CallerCheck {
  const compiled = new Map<string, CompiledQuery<AccountRow>>();

  function question(tokenIds: readonly number[], lock: Lock): CompiledQuery<AccountRow> {
    const key = `${tokenIds.length} ${lock}`;
    let query = compiled.get(key);
    if (query === undefined) {
      const select = engine.reader
        .selectFrom('tokens')
        .innerJoin('users as account', 'account.id', 'tokens.user_id')
        .where('tokens.id', 'in', tokenIds)
        .select(accountColumns);
      query = withLock(select, engine.locksRows ? lock : 'none').compile() as CompiledQuery<AccountRow>;
      compiled.set(key, query);
    }
    return { ...query, parameters: tokenIds };
  }

  return ({ presented, clock, target }) => {
    const known = presented.at(-1)!;
    const tokenIds = presented.map(({ tokenId }) => tokenId);
    const isOwn = (record: Target | null) =>
      record !== null && record.resource.type === 'users' && record.id === known.userId;
    return {
      userId: known.userId,
      query: question(tokenIds, isOwn(target) ? 'update' : 'share'),
      look: question(tokenIds, 'none'),
      verify(rows) {
        const now = clock();
        const accounts = rows.map(readAccount);
        if (
          accounts.length !== tokenIds.length ||
          accounts.some((account) => isExpired(account, now) || !haveSameRights(account, known))
        )
          throw new CallerChanged();
      },
      verifyTime() {
        if (isExpired(known, clock())) throw new CallerChanged();
      },
      condition(changed) {
        if (presented.length > 1) return null;
        const { tokenId, tokenExpiresAt, userId, sysadmin, sysadminPermissions, accessExpiresAt } = known;
        const isSelf = isOwn(changed);
        return {
          isOwn: isSelf,
          values: [tokenId, tokenExpiresAt, userId, sysadmin, sysadminPermissions, accessExpiresAt],
          holds: isSelf
            ? (_table, _isKey, parameters) => isUnchanged(parameters, 'no key update')
            : (table, isKey, parameters) =>
                sql`${isFree(table, isKey)} and ${isUnchanged(parameters, 'share')}`,
        };
      },
    };
  };
}

interface Lockable<Q> {
  forUpdate(of: 'account'): Q;
  forShare(of: 'account'): Q;
  forKeyShare(of: 'tokens'): Q;
}

/**
 * The account first, then its tokens, which is the order of a password change and of a deletion: PostgreSQL locks in the
 * order of the clauses. A share lock on the account would be upgraded where the account itself is changed, and two that
 * upgrade at once are a deadlock.
 */
function withLock<Q extends Lockable<Q>>(select: Q, lock: Lock): Q {
  if (lock === 'none') return select;
  return (lock === 'update' ? select.forUpdate('account') : select.forShare('account')).forKeyShare('tokens');
}

/**
 * False where a row has changed since it was read, or is locked by another transaction. Locked rows are skipped, not waited
 * for: after a wait a statement sees the locked row as it is then, but all others by its old snapshot, and waiting with
 * locks held can be a deadlock. PostgreSQL runs these subqueries and `isFree` once, before the row is updated; two
 * subqueries cost less than a join.
 */
function isUnchanged(slots: readonly Parameter[], lock: 'no key update' | 'share'): RawBuilder<boolean> {
  const [tokenId, tokenExpiresAt, userId, sysadmin, permissions, accessExpiresAt] = slots;
  return sql`exists (
      select from users as account
      where id = ${userId} and sysadmin = ${sysadmin} and sysadmin_permissions = ${permissions}
        and account_access_expires_at is not distinct from ${accessExpiresAt}
      for ${sql.raw(lock)} skip locked)
    and exists (
      select from tokens where id = ${tokenId} and expires_at is not distinct from ${tokenExpiresAt}
      for key share skip locked)`;
}

function isFree(table: string, isKey: RawBuilder<boolean>): RawBuilder<boolean> {
  return sql`exists (select from ${sql.table(table)} as held where ${isKey} for no key update skip locked)`;
}
