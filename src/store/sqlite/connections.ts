// Opens connections to a database file, with the settings that make commits durable.

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { translated } from './errors.ts';
import { named } from './existing-file.ts';

export interface ConnectionOptions {
  /** Maximum size of the file; 0 for no limit. */
  readonly maxDatabaseBytes: number;
  /** How long to wait for the write lock if another process holds it. */
  readonly busyTimeoutMs: number;
  /** See EngineOptions. */
  readonly fills?: boolean;
}

/*
 * Page cache of each connection; the operating system caches other pages. A writer rarely reads the same page twice,
 * except one that fills tables: it comes back to the pages of every index.
 */

/** With a million users, no request that was measured is faster with 8 MiB. */
const readerCacheBytes = 4 * 1024 * 1024;
/** A long read goes through the file once, and there are several at a time. */
const longReaderCacheBytes = 1024 * 1024;
const writerCacheBytes = 2 * 1024 * 1024;
const fillerCacheBytes = 64 * 1024 * 1024;

/**
 * In WAL mode, readers only wait for a process that recovers the log after a crash. This wait blocks the thread, so
 * it is short.
 */
const readerBusyTimeoutMs = 100;

/** @throws Error if the settings do not make commits durable */
export function openWriter(file: string, options: ConnectionOptions): DatabaseSync {
  const writer = open(file, options.fills ? fillerCacheBytes : writerCacheBytes, options);
  try {
    assertDurable(writer);
    return writer;
  } catch (error) {
    writer.close();
    throw error;
  }
}

export function openReader(file: string, options: ConnectionOptions): DatabaseSync {
  return openReading(file, readerCacheBytes, options);
}

/** For threads beside that of the service. */
export function openLongReader(file: string, options: ConnectionOptions): DatabaseSync {
  return openReading(file, longReaderCacheBytes, options);
}

function openReading(file: string, cacheBytes: number, options: ConnectionOptions): DatabaseSync {
  const reader = open(file, cacheBytes, options);
  const patienceMs = Math.min(options.busyTimeoutMs, readerBusyTimeoutMs);
  reader.exec(`PRAGMA query_only = ON; PRAGMA busy_timeout = ${patienceMs}`);
  return reader;
}

function open(
  file: string,
  cacheBytes: number,
  { busyTimeoutMs, maxDatabaseBytes }: ConnectionOptions,
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

/** A test with `kill -9` cannot detect a missing fsync, so the settings are checked. */
function assertDurable(database: DatabaseSync): void {
  const expected = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1 };
  for (const [pragma, value] of Object.entries(expected)) {
    const row = database.prepare(`PRAGMA ${pragma}`).get() as Record<string, unknown>;
    if (row[pragma] !== value) throw new Error(`SQLite's ${pragma} is ${row[pragma]}, it must be ${value}`);
  }
}

export type Statements = (text: string) => StatementSync;

/**
 * Caches the 500 most recently prepared statements: preparing one costs five times as much as running it.
 * @param prepared called with each new statement
 */
export function statementCache(
  database: DatabaseSync,
  prepared: (statement: StatementSync) => void = () => {},
): Statements {
  const statements = new Map<string, StatementSync>();
  return (text) => {
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = database.prepare(text);
      prepared(statement);
      if (statements.size >= 500) statements.delete(statements.keys().next().value!);
      statements.set(text, statement);
    }
    return statement;
  };
}

export function toSqlite(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value)) as SQLInputValue[];
}

/** @throws StoreUnavailable, UniqueViolation */
export function translating<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}
