// How far a replica must come to show an account what it has written.

/**
 * Writes down how far a replica must come to show what the account has just written. It need not be durable: where it is
 * lost, the primary was. Statements that are sent as one are a transaction by themselves, and leave none open when one fails.
 */
export function positionOf(accounts: readonly number[]): string {
  return `SET LOCAL synchronous_commit TO off;
    INSERT INTO write_positions AS known
      SELECT account, (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint
      FROM unnest('{${[...new Set(accounts)]}}'::bigint[]) AS account
      ON CONFLICT (user_id) DO UPDATE SET position = greatest(known.position, excluded.position)`;
}
