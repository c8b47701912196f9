// SQLite, by the runtime's own driver: one connection reads, one writes.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, type RawBuilder, SqliteDialect, sql } from 'kysely';
import { UniqueViolation } from '../store.ts';
import type { Database, Engine } from './engine.ts';
import { trigramLength } from './filter.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import type { Slot } from './shapes.ts';

export interface SqliteOptions {
  /** How long to wait for another process that writes, before giving up. */
  readonly busyTimeoutMs: number;
}

/**
 * Opens the file, made if absent, brings it to this version, and asserts that a commit is on disk when it returns.
 * @throws Error when the file is no database, newer than this version, or not durable
 */
export async function openSqlite(file: string, options: SqliteOptions): Promise<Engine> {
  mkdirSync(dirname(file), { recursive: true });
  const writer = open(file, options);
  assertDurable(writer);
  await migrateFile(writer);
  const reader = open(file, options);
  reader.exec('PRAGMA query_only = ON');

  const reading = turnSnapshots(reader);
  const commits = groupCommit(writer, kysely(statementCache(writer)), reading.renew);
  return {
    name: 'sqlite',
    reader: kysely(reading.statement),
    async query({ sql: text, parameters }) {
      return reading.statement(text).all(...toSqlite(parameters)) as never[];
    },
    write: commits,
    locksRows: false,
    contains,
    async close() {
      reading.renew();
      reader.close();
      writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      writer.close();
    },
  };
}

/**
 * All reads of one turn of the event loop share a snapshot: taking and giving back the WAL's read lock costs more than
 * most statements. A snapshot is given back when the turn ends, or when this process commits, so a request sees
 * everything that was committed before it arrived, by this process or another.
 */
function turnSnapshots(reader: DatabaseSync): { statement: Statements; renew: () => void } {
  const statements = statementCache(reader);
  const begin = reader.prepare('BEGIN');
  const commit = reader.prepare('COMMIT');
  let open = false;
  const renew = () => {
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
        setImmediate(renew);
      }
      return statements(text);
    },
  };
}

function open(file: string, { busyTimeoutMs }: SqliteOptions): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -32768;
    PRAGMA temp_store = MEMORY;
  `);
  return database;
}

/** `kill -9` cannot show a missing fsync, so the settings that bring it are looked at. */
function assertDurable(database: DatabaseSync): void {
  const expected = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1 };
  for (const [pragma, value] of Object.entries(expected)) {
    const row = database.prepare(`PRAGMA ${pragma}`).get() as Record<string, unknown>;
    if (row[pragma] !== value) throw new Error(`SQLite's ${pragma} is ${row[pragma]}, it must be ${value}`);
  }
}

/** Two processes that start at once: one migrates, the other waits for the write lock and finds nothing to do. */
async function migrateFile(database: DatabaseSync): Promise<void> {
  database.exec('BEGIN IMMEDIATE');
  try {
    await migrate(kysely(statementCache(database)), 'sqlite');
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
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
  return new Kysely<Schema>({
    dialect: new SqliteDialect({
      database: {
        close: () => {},
        prepare(text) {
          const statement = statements(text);
          return {
            reader: statement.columns().length > 0,
            // all(), never get(): an unfinished RETURNING would keep the WAL from being checkpointed.
            all: (parameters) => statement.all(...toSqlite(parameters)),
            run: (parameters) => statement.run(...toSqlite(parameters)),
            iterate: (parameters) => statement.iterate(...toSqlite(parameters)),
          };
        },
      },
    }),
  });
}

interface Job {
  run(): Promise<void>;
  settle(error?: unknown): void;
}

/**
 * One commit, and so one fsync, for all writes that arrive in the same turn of the event loop. Each has a savepoint of
 * its own: it is all or nothing and fails alone, and it is answered only after the commit that holds it.
 */
function groupCommit(database: DatabaseSync, db: Database, committed: () => void): Engine['write'] {
  let waiting: Job[] = [];
  let committing = false;

  async function commitWaiting(): Promise<void> {
    const jobs = waiting;
    waiting = [];
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const job of jobs) await job.run();
      database.exec('COMMIT');
      committed();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const job of jobs) job.settle(error);
      return;
    }
    for (const job of jobs) job.settle();
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) await commitWaiting();
    committing = false;
  }

  return (work) =>
    new Promise((resolve, reject) => {
      let settle: () => void = () => reject(new Error('The write did not run'));
      waiting.push({
        async run() {
          database.exec('SAVEPOINT write');
          try {
            const value = await work(db);
            settle = () => resolve(value);
          } catch (error) {
            database.exec('ROLLBACK TO write');
            settle = () => reject(uniqueViolation(error));
          }
          database.exec('RELEASE write');
        },
        settle: (error) => (error === undefined ? settle() : reject(error)),
      });
      if (!committing) {
        committing = true;
        // After the poll phase, in which the other requests of this turn are read.
        setImmediate(drain);
      }
    });
}

function uniqueViolation(error: unknown): unknown {
  const match = error instanceof Error && /^UNIQUE constraint failed: \w+\.(\w+)/.exec(error.message);
  return match ? new UniqueViolation(match[1]!, { cause: error }) : error;
}

/** The trigram index serves what has three characters and more; less is looked for in every row. */
function contains(columns: readonly string[], text: Slot, length: number): RawBuilder<boolean> {
  if (length < trigramLength) {
    const anywhere = columns.map((column) => sql<boolean>`instr(${sql.ref(`users.${column}`)}, ${text}) > 0`);
    return sql<boolean>`(${sql.join(anywhere, sql` or `)})`;
  }
  const match = text.map((value: string) => {
    const folded = (text.convert?.(value) ?? value) as string;
    return `{${columns.join(' ')}} : "${folded.replaceAll('"', '""')}"`;
  });
  return sql<boolean>`users.id in (select rowid from users_search where users_search match ${match})`;
}
