// The position in the write-ahead log that a replica must have replayed to show an account its own last write.

/**
 * SQL that stores the current position of the write-ahead log for these accounts. It need not be durable: it can only
 * be lost if the primary crashes. Statements that are sent as one query are a transaction by themselves; if one
 * fails, no transaction stays open.
 */
export function storePositionsSql(accounts: readonly number[]): string {
  return `SET LOCAL synchronous_commit TO off;
    INSERT INTO write_positions AS known
      SELECT account, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint
      FROM unnest('{${[...new Set(accounts)]}}'::bigint[]) AS account
      ON CONFLICT (user_id) DO UPDATE SET position = greatest(known.position, excluded.position)`;
}
