// Streaming replicas that serve reads. Positions are byte offsets in the write-ahead log of the primary.

import type pg from 'pg';
import type { Database } from '../sql/engine.ts';

export interface Replica {
  readonly pool: pg.Pool;
  /** Reads from the replica, or from the primary if the replica fails. */
  readonly reader: Database;
}

export interface Replicas {
  /**
   * The next replica, round robin, that has replayed at least this position; null if none has.
   * @param walPosition null if any position will do
   */
  at(walPosition: number | null): Database | null;
  /** Takes a failed replica out of the rotation until it answers again. */
  lost(replica: Replica): void;
  close(): Promise<void>;
}

const pollMs = 100;

/**
 * Polls the position of each replica ten times a second.
 * @param warn called when a replica is taken out of the rotation, and when it is back
 */
export function watchReplicas(
  replicas: readonly Replica[],
  warn: (message: string) => void = () => {},
): Replicas {
  /** Null: taken out of the rotation. Absent: not polled yet. */
  const positions = new Map<Replica, number | null>();
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function setPosition(replica: Replica, walPosition: number | null): void {
    const known = positions.get(replica);
    positions.set(replica, walPosition);
    // Closed on purpose: no warning.
    if (closed) return;
    const name = `Replica ${replicas.indexOf(replica) + 1} of MUSTER_DATABASE_REPLICA_URLS`;
    if (walPosition === null && known !== null) warn(`${name} does not answer and is not used until it does`);
    if (walPosition !== null && known === null) warn(`${name} answers again and is used`);
  }

  async function pollReplica(replica: Replica): Promise<void> {
    try {
      const { rows } = await replica.pool.query({
        name: 'replayed',
        // Null on a server that is not a standby (for example after a failover): it may show old data.
        text: `SELECT CASE WHEN pg_is_in_recovery()
          THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint END AS position`,
      });
      setPosition(replica, rows[0].position);
    } catch {
      setPosition(replica, null);
    }
  }
  async function poll(): Promise<void> {
    await Promise.all(replicas.map(pollReplica));
    if (!closed) timer = setTimeout(poll, pollMs).unref();
  }
  poll();

  return {
    at(position) {
      for (let tried = 0; tried < replicas.length; tried++) {
        turn = (turn + 1) % replicas.length;
        const replica = replicas[turn]!;
        const replayed = positions.get(replica) ?? null;
        if (replayed !== null && (position === null || replayed >= position)) return replica.reader;
      }
      return null;
    },
    lost: (replica) => setPosition(replica, null),
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.all(replicas.map(({ pool }) => pool.end()));
    },
  };
}
