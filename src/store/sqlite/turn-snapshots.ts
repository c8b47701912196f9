// One snapshot for all reads of a turn of the event loop.

import type { DatabaseSync } from 'node:sqlite';
import { type Statements, statementCache, translating } from './connections.ts';

export interface TurnSnapshots {
  readonly statement: Statements;
  /** Changes whenever another connection has committed, of this process or another; looked at once a turn. */
  version(): number;
  renew(): void;
}

/**
 * All reads of one turn of the event loop share a snapshot: taking and giving back the WAL's read lock costs more than
 * most statements. A snapshot is given back when the turn ends, or when this process commits, so a request sees
 * everything that was committed before it arrived, by this process or another.
 */
export function turnSnapshots(reader: DatabaseSync): TurnSnapshots {
  const statements = statementCache(reader);
  const begin = reader.prepare('BEGIN');
  const commit = reader.prepare('COMMIT');
  // sqlite.org/pragma.html
  const dataVersion = reader.prepare('PRAGMA data_version');
  let seen: number | null = null;
  let open = false;
  let scheduled = false;
  const renewAfterTurn = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      renew();
    });
  };
  const renew = () => {
    seen = null;
    if (!open) return;
    open = false;
    commit.run();
  };
  return {
    renew,
    statement(text) {
      if (!open) {
        begin.run();
        open = true;
        renewAfterTurn();
      }
      return statements(text);
    },
    version() {
      if (seen === null) {
        seen = translating(() => dataVersion.get() as { data_version: number }).data_version;
        renewAfterTurn();
      }
      return seen;
    },
  };
}
