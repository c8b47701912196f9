// Streaming replicas that serve reads, each as far as it has come. Positions are bytes of the primary's write-ahead log.

import type pg from 'pg';
import type { Database } from '../sql/engine.ts';

export interface Replica {
  readonly pool: pg.Pool;
  /** Reads from the replica, and from the primary where the replica fails. */
  readonly reader: Database;
}

export interface Replicas {
  /** One that has come to the position, each in turn; null where the primary must be asked. */
  at(walPosition: number | null): Database | null;
  /** Left out until it answers again. */
  lost(replica: Replica): void;
  close(): Promise<void>;
}

const pollMs = 100;

/**
 * Asks each replica ten times a second how far it has come.
 * @param warn told when one is left out, and when it is back
 */
export function watchReplicas(
  replicas: readonly Replica[],
  warn: (message: string) => void = () => {},
): Replicas {
  /** Null where it is left out, absent before it was asked. */
  const positions = new Map<Replica, number | null>();
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function place(replica: Replica, walPosition: number | null): void {
    const known = positions.get(replica);
    positions.set(replica, walPosition);
    // Connections that are closed on purpose are not lost.
    if (closed) return;
    const name = `Replica ${replicas.indexOf(replica) + 1} of MUSTER_DATABASE_REPLICA_URLS`;
    if (walPosition === null && known !== null) warn(`${name} is left out until it answers again`);
    if (walPosition !== null && known === null) warn(`${name} answers again`);
  }

  async function look(replica: Replica): Promise<void> {
    try {
      const { rows } = await replica.pool.query({
        name: 'replayed',
        // Null on a server that is no standby, or no longer one: it may show what was.
        text: `SELECT CASE WHEN pg_is_in_recovery()
          THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint END AS position`,
      });
      place(replica, rows[0].position);
    } catch {
      place(replica, null);
    }
  }
  async function poll(): Promise<void> {
    await Promise.all(replicas.map(look));
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
    lost: (replica) => place(replica, null),
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.all(replicas.map(({ pool }) => pool.end()));
    },
  };
}
