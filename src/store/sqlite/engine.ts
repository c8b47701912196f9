// SQLite, by the runtime's own driver: one connection reads, one writes.

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { type CompiledQuery, Kysely, SqliteDialect, type SqliteStatement, sql } from 'kysely';
import { FileError } from '../../platform/private-files.ts';
import { assertCurrent, knownMigrations, migrate } from '../migrations/migrate.ts';
import type { CallerCheck } from '../sql/caller-check.ts';
import type { Database, DatabaseWatch, Engine, Opening } from '../sql/engine.ts';
import type { Schema } from '../sql/schema.ts';
import { translated } from './errors.ts';
import { migrationsOf, migrationsOn, named, unwritableReason } from './existing-file.ts';
import { groupCommit } from './group-commit.ts';
import { keepPrivate, prepareFile } from './private-database.ts';
import { contains, search } from './text-search.ts';
import { fileSize, watchLog } from './write-ahead-log.ts';

export interface SqliteOptions extends DatabaseWatch {
  /** The file grows no larger; 0 for no limit but the disk's. */
  readonly maxDatabaseBytes: number;
  /** How long to wait for another process that writes, before giving up. */
  readonly busyTimeoutMs: number;
}

/**
 * Opens the file, and asserts that a commit is on disk when it returns.
 * @param opening by default the file is made if absent, and brought to this version
 * @throws Error when the file is no database, newer than this version, or not durable
 */
export async function openSqlite(
  file: string,
  options: SqliteOptions,
  opening: Opening = 'prepare',
): Promise<Engine> {
  if (opening === 'existing') assertCurrent(migrationsOf(file));
  else prepareFile(file);
  const unwritable = unwritableReason(file);
  if (unwritable !== null) throw new FileError(unwritable);
  // A start may block while it waits; nobody is served yet.
  const writer = open(file, writerCacheBytes, options);
  try {
    assertDurable(writer);
    if (opening === 'prepare') {
      await migrateFile(writer);
      keepPrivate(file, options);
    }
  } catch (error) {
    writer.close();
    throw named(file, error);
  }
  // From here on writes wait in the event loop.
  writer.exec('PRAGMA busy_timeout = 0');
  const reader = open(file, readerCacheBytes, options);
  reader.exec(
    `PRAGMA query_only = ON; PRAGMA busy_timeout = ${Math.min(options.busyTimeoutMs, readerPatienceMs)}`,
  );

  const reading = turnSnapshots(reader);
  const log = watchLog(writer, file, options.warn);
  const writing = statementCache(writer);
  const commits = groupCommit(writer, kysely(writing), {
    busyTimeoutMs: options.busyTimeoutMs,
    committed() {
      reading.renew();
      log.committed();
    },
  });
  const { observe } = options;
  function run({ sql: text, parameters }: CompiledQuery<unknown>): unknown[] {
    const startedAt = observe === undefined ? 0 : performance.now();
    const rows = translating(() => reading.statement(text).all(...toSqlite(parameters)));
    observe?.('read', (performance.now() - startedAt) / 1000);
    return rows;
  }
  /** Writes that share a commit are checked one by one: an earlier one may revoke the token of a later one. */
  const afterCheck =
    <T>({ query, verify }: CallerCheck, work: (db: Database) => Promise<T>) =>
    (db: Database) => {
      verify(writing(query.sql).all(...toSqlite(query.parameters)) as never[]);
      return work(db);
    };
  const db = kysely(reading.statement);
  return {
    name: 'sqlite',
    reader: db,
    readerAfter: () => db,
    hasReplicas: false,
    query: async (query) => run(query) as never[],
    queryNow: (query) => run(query) as never[],
    commitCounter: reading.version,
    async write(work, check) {
      const checked = check === undefined ? work : afterCheck(check, work);
      if (observe === undefined) return commits.write(checked);
      const startedAt = performance.now();
      try {
        return await commits.write(checked);
      } finally {
        observe('write', (performance.now() - startedAt) / 1000);
      }
    },
    async info() {
      const [row] = reading.statement('SELECT sqlite_version() AS version').all();
      return {
        serverVersion: (row as { version: string }).version,
        sizeBytes: fileSize(file),
        walBytes: log.size(),
        // Asserted when it was opened.
        durabilityWarnings: [],
      };
    },
    change: null,
    locksRows: false,
    nullsLast: false,
    hold: async () => {},
    advanceSequence: passIds,
    async lastId(table) {
      const [row] = reading.statement('SELECT seq FROM sqlite_sequence WHERE name = ?').all(table);
      return (row as { seq: number } | undefined)?.seq ?? 0;
    },
    contains,
    search,
    // By a narrow index that has it; the row itself stands on another page.
    revision: (table) =>
      sql<number>`(select revision from ${sql.table(table)} as versions indexed by ${sql.ref(`${table}_versions`)}
        where versions.id = ${sql.ref(`${table}.id`)})`,
    async close() {
      await commits.close();
      reading.renew();
      reader.close();
      writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      writer.close();
    },
  };
}

interface TurnSnapshots {
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
function turnSnapshots(reader: DatabaseSync): TurnSnapshots {
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

/** Pages in the memory of each connection; the operating system has the others. A writer comes back to few of them. */
const readerCacheBytes = 8 * 1024 * 1024;
const writerCacheBytes = 2 * 1024 * 1024;

function open(
  file: string,
  cacheBytes: number,
  { busyTimeoutMs, maxDatabaseBytes }: SqliteOptions,
): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA wal_autocheckpoint = 8000;
      PRAGMA cache_size = ${-cacheBytes / 1024};
      PRAGMA temp_store = MEMORY;
    `);
    if (maxDatabaseBytes > 0) database.exec(`PRAGMA max_page_count = ${Math.ceil(maxDatabaseBytes / 4096)}`);
    return database;
  } catch (error) {
    database.close();
    throw named(file, error);
  }
}

/**
 * Readers of a write-ahead log wait for nobody but a process that recovers it after a crash. They wait in the thread, so
 * not for long.
 */
const readerPatienceMs = 100;

/** `kill -9` cannot show a missing fsync, so the settings that bring it are looked at. */
function assertDurable(database: DatabaseSync): void {
  const expected = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1 };
  for (const [pragma, value] of Object.entries(expected)) {
    const row = database.prepare(`PRAGMA ${pragma}`).get() as Record<string, unknown>;
    if (row[pragma] !== value) throw new Error(`SQLite's ${pragma} is ${row[pragma]}, it must be ${value}`);
  }
}

/**
 * Two processes that start at once: one migrates, the other waits for the write lock and finds nothing to do. Where there
 * is nothing to do from the beginning, no lock is taken: another process may be writing for long.
 */
async function migrateFile(database: DatabaseSync): Promise<void> {
  if (isCurrent(database)) return;
  translating(() => database.exec('BEGIN IMMEDIATE'));
  try {
    await migrate(kysely(statementCache(database)), 'sqlite', migrationsOn(database));
    database.exec('COMMIT');
  } catch (error) {
    // A full disk has rolled it back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function isCurrent(database: DatabaseSync): boolean {
  return isDeepStrictEqual(new Set(migrationsOn(database)), new Set(knownMigrations));
}

/** @throws StoreUnavailable, UniqueViolation */
function translating<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}

type Statements = (text: string) => StatementSync;

/** Preparing costs five times what running does, so statements are kept, the most recent 500. */
function statementCache(database: DatabaseSync): Statements {
  const statements = new Map<string, StatementSync>();
  return (text) => {
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = database.prepare(text);
      if (statements.size >= 500) statements.delete(statements.keys().next().value!);
      statements.set(text, statement);
    }
    return statement;
  };
}

function toSqlite(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value)) as SQLInputValue[];
}

/** Kysely's dialect is made for better-sqlite3; this is what it needs of it. */
function kysely(statements: Statements): Database {
  // Kept: to ask a statement for its columns costs as much as to run it.
  const adapted = new WeakMap<StatementSync, SqliteStatement>();
  return new Kysely<Schema>({
    dialect: new SqliteDialect({
      database: {
        close: () => {},
        prepare(text) {
          const statement = translating(() => statements(text));
          let known = adapted.get(statement);
          if (known === undefined) {
            known = adapt(statement);
            adapted.set(statement, known);
          }
          return known;
        },
      },
    }),
  });
}

function adapt(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    // all(), never get(): an unfinished RETURNING would keep the WAL from being checkpointed.
    all: (parameters) => translating(() => statement.all(...toSqlite(parameters))),
    run: (parameters) => translating(() => statement.run(...toSqlite(parameters))),
    iterate: (parameters) => statement.iterate(...toSqlite(parameters)),
  };
}

/** AUTOINCREMENT goes on behind the largest id by itself; its account may be written to (sqlite.org/autoinc.html). */
async function passIds(db: Database, table: string, given = 0): Promise<void> {
  if (given === 0) return;
  await sql`update sqlite_sequence set seq = max(seq, ${given}) where name = ${table}`.execute(db);
  await sql`
    insert into sqlite_sequence (name, seq) select ${table}, ${given}
    where not exists (select 1 from sqlite_sequence where name = ${table})
  `.execute(db);
}
