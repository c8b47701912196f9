// One snapshot for all reads in one turn of the event loop.

import type { DatabaseSync } from 'node:sqlite';
import { type Statements, statementCache, translating } from './connections.ts';
import { plainRows, type ReadPlain } from './plain-rows.ts';

export interface TurnSnapshots {
  readonly statement: Statements;
  readonly rows: ReadPlain;
  /** Changes when another connection, of any process, has committed. Read from SQLite at most once a turn. */
  version(): number;
  renew(): void;
}

/**
 * All reads in one turn of the event loop share a snapshot, because taking and releasing the read lock of the WAL
 * costs more than most statements. The snapshot ends with the turn, or when this process commits. So a request sees
 * everything that any process committed before it arrived.
 */
export function turnSnapshots(reader: DatabaseSync): TurnSnapshots {
  const statements = statementCache(reader);
  const readRows = plainRows(reader);
  const begin = reader.prepare('BEGIN');
  const commit = reader.prepare('COMMIT');
  // sqlite.org/pragma.html#pragma_data_version
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
  const ensureOpen = () => {
    if (open) return;
    begin.run();
    open = true;
    renewAfterTurn();
  };
  return {
    renew,
    statement(text) {
      ensureOpen();
      return statements(text);
    },
    rows(text, parameters) {
      ensureOpen();
      return readRows(text, parameters);
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
