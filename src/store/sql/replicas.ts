// Streaming replicas that serve reads, each as far as it has come. Positions are bytes of the primary's write-ahead log.

import type pg from 'pg';
import type { Database } from './engine.ts';

export interface Replica {
  readonly pool: pg.Pool;
  /** Reads from the replica, and from the primary where the replica fails. */
  readonly reader: Database;
}

export interface Replicas {
  /** One that has come to the position, each in turn; null where the primary must be asked. */
  at(position: number | null): Database | null;
  /** Left out until it answers again. */
  lost(pool: pg.Pool): void;
  close(): Promise<void>;
}

const pollMs = 100;

/** Asks each replica ten times a second how far it has come. */
export function watchReplicas(replicas: readonly Replica[]): Replicas {
  // A replica without a position is out.
  const positions = new Map<pg.Pool, number | null>(replicas.map(({ pool }) => [pool, null]));
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function look(pool: pg.Pool): Promise<void> {
    try {
      const { rows } = await pool.query({
        name: 'replayed',
        text: `SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint AS position`,
      });
      // Null on a server that is no standby.
      positions.set(pool, rows[0].position);
    } catch {
      positions.set(pool, null);
    }
  }
  async function poll(): Promise<void> {
    await Promise.all(replicas.map(({ pool }) => look(pool)));
    if (!closed) timer = setTimeout(poll, pollMs).unref();
  }
  poll();

  return {
    at(position) {
      for (let tried = 0; tried < replicas.length; tried++) {
        turn = (turn + 1) % replicas.length;
        const { pool, reader } = replicas[turn]!;
        const replayed = positions.get(pool)!;
        if (replayed !== null && (position === null || replayed >= position)) return reader;
      }
      return null;
    },
    lost: (pool) => void positions.set(pool, null),
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.all(replicas.map(({ pool }) => pool.end()));
    },
  };
}
