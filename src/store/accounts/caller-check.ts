// Checks the rights of a caller again, in the transaction that writes. They were read when the request began and may
// have changed since: a body can take minutes to arrive, hashing a password takes a tenth of a second, and a write
// may wait for a row lock.

import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import { CallerChanged } from '../errors.ts';
import type { Parameter } from '../sql/compiled-queries.ts';
import type { Engine } from '../sql/engine.ts';
import { type Caller, haveSameRights, isExpired, type Target } from '../store.ts';
import { type AccountRow, accountColumns, readAccount } from './authentication.ts';

export interface CallerCheck {
  /** The account of the caller. */
  readonly userId: number;
  /** Reads the sessions and the account, and locks both until the transaction ends. */
  readonly query: CompiledQuery<CallerRow>;
  /** The same query without locks. */
  readonly queryWithoutLocks: CompiledQuery<CallerRow>;
  /**
   * @param rows result of `query` or `queryWithoutLocks`
   * @throws CallerChanged if the rights have changed, or a session, the account's access or a membership has ended since
   */
  verify(rows: readonly CallerRow[]): void;
  /**
   * The condition, for a single statement that changes a record, that the caller has not changed. Null if only a
   * transaction can check it.
   */
  condition(changed: Target): CallerCondition | null;
  /**
   * Called right before that statement.
   * @throws CallerChanged if the session or the account's access has ended
   */
  verifyTime(): void;
}

interface CallerRow extends AccountRow {
  /**
   * The next end of one of its memberships after the write was asked for, in milliseconds since 1970; null for none.
   * The work may have read its roles before it waited for a lock.
   */
  readonly next_end: number | null;
}

/** A condition in a statement that changes a row, with a parameter for each value. */
export interface CallerCondition {
  /** Whether the row is the caller's own account. */
  readonly isOwn: boolean;
  readonly values: readonly unknown[];
  /**
   * The condition that the caller has not changed. It also locks the caller's rows and the row that is changed.
   * @param table the table of the row
   * @param isKey the condition that finds the row
   */
  holds(table: string, isKey: RawBuilder<boolean>, parameters: readonly Parameter[]): RawBuilder<boolean>;
}

type Lock = 'none' | 'share' | 'update';

/** @returns a function that creates the check for a caller */
export function callerChecks(engine: Engine): (caller: Caller) => CallerCheck {
  const compiled = new Map<string, CompiledQuery<CallerRow>>();

  function question(
    sessionIds: readonly number[],
    lock: Lock,
    isBound: boolean,
    now: number,
  ): CompiledQuery<CallerRow> {
    const key = `${sessionIds.length} ${lock} ${isBound}`;
    let query = compiled.get(key);
    if (query === undefined) {
      const select = engine.reader
        .selectFrom('sessions')
        .innerJoin('users as account', 'account.id', 'sessions.user_id')
        .where('sessions.id', 'in', sessionIds)
        .$call((found) => (isBound ? found.innerJoin(...binding) : found.leftJoin(...binding)))
        .select(accountColumns)
        .select(engine.locksRows ? nextEnd(now) : noEnd);
      query = withLock(
        select,
        engine.locksRows ? lock : 'none',
        isBound,
      ).compile() as CompiledQuery<CallerRow>;
      compiled.set(key, query);
    }
    return { ...query, parameters: engine.locksRows ? [now, ...sessionIds] : sessionIds };
  }

  return ({ presented, clock, idleMs, target, changesItself = false }) => {
    const known = presented.at(-1)!;
    const sessionIds = presented.map(({ sessionId }) => sessionId);
    const isBound = known.organizationId !== null;
    const begunAt = clock();
    const isOwn = (record: Target | null) =>
      record !== null && record.resource.type === 'users' && record.id === known.userId;
    return {
      userId: known.userId,
      query: question(sessionIds, changesItself || isOwn(target) ? 'update' : 'share', isBound, begunAt),
      queryWithoutLocks: question(sessionIds, 'none', isBound, begunAt),
      verify(rows) {
        const now = clock();
        const accounts = rows.map(readAccount);
        if (
          accounts.length !== sessionIds.length ||
          accounts.some((account) => isExpired(account, idleMs, now) || !haveSameRights(account, known)) ||
          rows.some(({ next_end: end }) => end !== null && end <= now)
        )
          throw new CallerChanged();
      },
      verifyTime() {
        if (isExpired(known, idleMs, clock())) throw new CallerChanged();
      },
      condition(changed) {
        if (presented.length > 1 || isBound) return null;
        const { sessionId, tokenExpiresAt, userId, sysadmin, sysadminPermissions, accessExpiresAt } = known;
        const isSelf = isOwn(changed);
        return {
          isOwn: isSelf,
          values: [sessionId, tokenExpiresAt, userId, sysadmin, sysadminPermissions, accessExpiresAt],
          holds: isSelf
            ? (_table, _isKey, parameters) => isUnchanged(parameters, 'no key update')
            : (table, isKey, parameters) =>
                sql`${isFree(table, isKey)} and ${isUnchanged(parameters, 'share')}`,
        };
      },
    };
  };
}

const nextEnd = (now: number) =>
  sql<number | null>`(select min(expires_at) from organization_memberships
    where user_id = account.id and expires_at > ${now})`.as('next_end');

const binding = ['organization_memberships as binding', 'binding.id', 'sessions.membership_id'] as const;

/** For an engine on which the work begins after the check and waits for nothing. */
const noEnd = sql<null>`null`.as('next_end');

interface Lockable<Q> {
  forUpdate(of: 'account'): Q;
  forShare(of: 'account' | 'binding'): Q;
  forKeyShare(of: 'sessions'): Q;
}

/**
 * Locks the account first, then the membership of bound tokens, then the sessions: the same order as a password change
 * and a deletion. PostgreSQL locks in the order of the clauses. If the account itself is changed, a share lock would have to be upgraded, and two
 * transactions that upgrade at once deadlock.
 */
function withLock<Q extends Lockable<Q>>(select: Q, lock: Lock, isBound: boolean): Q {
  if (lock === 'none') return select;
  const locked = lock === 'update' ? select.forUpdate('account') : select.forShare('account');
  return (isBound ? locked.forShare('binding') : locked).forKeyShare('sessions');
}

/**
 * False if a row has changed since it was read, or is locked by another transaction. Locked rows are skipped. Waiting
 * for them would be wrong for two reasons: after a wait, a statement sees the current version of the locked row but
 * old versions of all others; and waiting while holding locks can deadlock. PostgreSQL runs these subqueries and
 * `isFree` once, before it updates the row. Two subqueries cost less than a join.
 */
function isUnchanged(slots: readonly Parameter[], lock: 'no key update' | 'share'): RawBuilder<boolean> {
  const [sessionId, tokenExpiresAt, userId, sysadmin, permissions, accessExpiresAt] = slots;
  return sql`exists (
      select from users as account
      where id = ${userId} and sysadmin = ${sysadmin} and sysadmin_permissions = ${permissions}
        and account_access_expires_at is not distinct from ${accessExpiresAt}
      for ${sql.raw(lock)} skip locked)
    and exists (
      select from sessions where id = ${sessionId} and token_expires_at is not distinct from ${tokenExpiresAt}
      for key share skip locked)`;
}

function isFree(table: string, isKey: RawBuilder<boolean>): RawBuilder<boolean> {
  return sql`exists (select from ${sql.table(table)} as held where ${isKey} for no key update skip locked)`;
}
