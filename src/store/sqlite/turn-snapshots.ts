// One snapshot for all reads in one turn of the event loop.

import type { DatabaseSync } from 'node:sqlite';
import { type Statements, statementCache, translating } from './connections.ts';
import { plainRows, type ReadPlain } from './plain-rows.ts';

export interface TurnSnapshots {
  readonly statement: Statements;
  readonly rows: ReadPlain;
  /** Changes when another connection, of any process, has committed. Read from SQLite at most once a turn. */
  version(): number;
  /** Ends the snapshot, so that reads see what is committed. */
  renew(): void;
  /** Takes a snapshot now. It stays until `renew`, or until another process commits. */
  hold(): void;
}

/**
 * All reads in one turn of the event loop share a snapshot, because taking and releasing the read lock of the WAL
 * costs more than most statements. The snapshot ends with the turn, or when this process commits. So a request sees
 * everything that any process committed before it arrived.
 *
 * While a commit of this process is being written to disk, the snapshot from before it is held, so that nobody sees what
 * a power failure could take back. If another process commits meanwhile, its clients may know already, so the
 * snapshot ends anyway.
 * @param othersHaveCommitted whether a connection other than the writer of this process has committed since `hold`
 */
export function turnSnapshots(reader: DatabaseSync, othersHaveCommitted: () => boolean): TurnSnapshots {
  const statements = statementCache(reader);
  const readRows = plainRows(reader);
  const begin = reader.prepare('BEGIN');
  const commit = reader.prepare('COMMIT');
  // BEGIN alone takes no snapshot.
  const anyRead = reader.prepare('SELECT 1 FROM sqlite_schema LIMIT 1');
  // sqlite.org/pragma.html#pragma_data_version
  const dataVersion = reader.prepare('PRAGMA data_version');
  let seen: number | null = null;
  let open = false;
  let held = false;
  /** Whether this turn has read. */
  let hasRead = false;
  const beginTurn = () => {
    if (hasRead) return;
    hasRead = true;
    setImmediate(() => {
      hasRead = false;
      if (!held) renew();
    });
    if (held && othersHaveCommitted()) renew();
  };
  const renew = () => {
    seen = null;
    held = false;
    if (!open) return;
    open = false;
    commit.run();
  };
  const ensureOpen = () => {
    beginTurn();
    if (open) return;
    begin.run();
    open = true;
  };
  return {
    renew,
    hold() {
      renew();
      begin.run();
      open = true;
      anyRead.get();
      held = true;
    },
    statement(text) {
      ensureOpen();
      return statements(text);
    },
    rows(text, parameters) {
      ensureOpen();
      return readRows(text, parameters);
    },
    version() {
      beginTurn();
      seen ??= translating(() => dataVersion.get() as { data_version: number }).data_version;
      return seen;
    },
  };
}
