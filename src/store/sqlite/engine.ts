// The engine for SQLite. It uses Node's own driver, with one connection for reads and one for writes.

import { type CompiledQuery, sql } from 'kysely';
import { FileError } from '../../platform/private-files.ts';
import type { CallerCheck } from '../accounts/caller-check.ts';
import { assertCurrent } from '../migrations/migrate.ts';
import { migrations as productMigrations } from '../migrations/migrations.ts';
import type { Database, Engine, EngineOptions, Opening } from '../sql/engine.ts';
import { longReads } from '../sql/long-reads.ts';
import { checkpointThread } from './checkpoints.ts';
import { now } from './clock.ts';
import {
  type ConnectionOptions,
  openReader,
  openWriter,
  statementCache,
  toSqlite,
  translating,
} from './connections.ts';
import { cutLog } from './cut-log.ts';
import { migrationsOf, named, unwritableReason } from './existing-file.ts';
import { givenRows } from './given-rows.ts';
import { groupCommit } from './group-commit.ts';
import { inList } from './in-list.ts';
import { columnsOf } from './inspect.ts';
import { interruptible } from './interruptible.ts';
import { kysely } from './kysely.ts';
import { fileSize, openLog, type SyncFile } from './log-file.ts';
import { migrateSqlite } from './migrate.ts';
import { keepPrivate, prepareFile } from './private-database.ts';
import { readThreads } from './read-threads.ts';
import { searchNotes } from './search-notes.ts';
import { advanceSequence, lastId, nextId } from './sequences.ts';
import { type QueryNowIn, shortTexts } from './short-texts.ts';
import { contains, search } from './text-search.ts';
import { turnSnapshots } from './turn-snapshots.ts';
import { turns } from './turns.ts';
import { walk, walked } from './walk.ts';
import { watchLog } from './write-ahead-log.ts';

export interface SqliteOptions extends ConnectionOptions, EngineOptions {
  /** Time limit for a long read. */
  readonly statementTimeoutMs: number;
  /** Maximum number of long reads at a time. */
  readonly longReads: number;
  /** Writes the log to disk; by default fdatasync in the thread pool. */
  readonly syncFile?: SyncFile | undefined;
}

/**
 * Opens the file, and checks that commits are durable.
 * @param opening by default the file is created if absent, and migrated to this version
 * @throws Error if the file is not a database, was made by a newer version, or commits would not be durable
 */
export async function openSqlite(
  file: string,
  options: SqliteOptions,
  opening: Opening = 'prepare',
): Promise<Engine> {
  const { observe, migrations = productMigrations } = options;
  if (opening === 'existing') assertCurrent(migrationsOf(file), Object.keys(migrations));
  else prepareFile(file);
  const unwritable = unwritableReason(file);
  if (unwritable !== null) throw new FileError(unwritable);
  // May block the thread for a lock: nobody is served yet.
  const writer = openWriter(file, options);
  try {
    if (opening === 'prepare') {
      await migrateSqlite(writer, migrations);
      keepPrivate(file, options);
    }
    // From now on, writes wait for the lock in the event loop, and commits are synced in the thread pool.
    writer.exec('PRAGMA busy_timeout = 0; PRAGMA synchronous = NORMAL');
    if (options.isServing) {
      writer.exec('PRAGMA wal_autocheckpoint = 0');
      // What a process that ended after a failed sync has left in the log may not be on disk.
      cutLog(writer, 'TRUNCATE');
    }
  } catch (error) {
    writer.close();
    throw named(file, error);
  }
  const reader = openReader(file, options);
  // On this connection it changes with every commit of another one (sqlite.org/pragma.html#pragma_data_version).
  const dataVersion = writer.prepare('PRAGMA data_version');
  const othersVersion = () => translating(() => dataVersion.get() as { data_version: number }).data_version;
  let versionAtCommit = 0;
  const reading = turnSnapshots(reader, () => othersVersion() !== versionAtCommit);
  // Creates the log if it does not exist.
  reader.prepare('SELECT 1 FROM sqlite_schema').get();
  const log = openLog(file, options.syncFile);
  const checkpoints = options.isServing ? checkpointThread(file, options) : null;
  const threads = options.isServing ? readThreads(file, options) : null;
  const limits = { maxRunning: options.longReads, timeoutMs: options.statementTimeoutMs };
  const limited = longReads({ ...limits, watch: options.longReadWatch });
  const logWatch = watchLog({
    log,
    longReads: limited,
    cutsItself: checkpoints === null,
    warn: options.warn,
    async cut(cut) {
      const copied = checkpoints?.copy();
      await copied?.catch(() => {});
      await commits.exclusively(async () => {
        if (checkpoints !== null) {
          await copied;
          return checkpoints.cut(cut);
        }
        reading.renew();
        cutLog(writer, cut);
      });
    },
  });
  const writing = statementCache(writer);
  /** A full disk can end the transaction in the middle of a work. What it still does must not be committed alone. */
  const inTransaction: typeof writing = (text) => {
    if (!writer.isTransaction) throw new Error('The transaction has been rolled back');
    return writing(text);
  };
  const writerTurns = turns();
  const writerDb = kysely(inTransaction).withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => writerTurns.after(result),
  });
  const commits = groupCommit(writer, writerDb, {
    turns: writerTurns,
    busyTimeoutMs: options.busyTimeoutMs,
    sync: log.sync,
    hide() {
      versionAtCommit = othersVersion();
      reading.hold();
    },
    show: reading.renew,
    committed: logWatch.committed,
    syncFailed: (error) => options.syncFailed?.(error),
  });
  function run({ sql: text, parameters }: CompiledQuery<unknown>): unknown[] {
    const startedAt = observe === undefined ? 0 : performance.now();
    const rows = translating(() => reading.rows(text, toSqlite(parameters)));
    observe?.('read', (performance.now() - startedAt) / 1000);
    return rows;
  }
  const writeNow: NonNullable<Engine['queryNow']> = ({ sql: text, parameters }) =>
    translating(() => inTransaction(text).all(...toSqlite(parameters)) as never[]);
  /**
   * Each write in a shared commit is checked when its turn comes: an earlier one may have revoked the token of a
   * later one.
   */
  const afterCheck =
    <T>({ query, verify }: CallerCheck, work: (db: Database) => Promise<T>) =>
    (db: Database) => {
      verify(writing(query.sql).all(...toSqlite(query.parameters)) as never[]);
      return work(db);
    };
  const queryNowIn: QueryNowIn = (db) => (db === writerDb ? writeNow : null);
  const queryInTurns: ReturnType<Engine['queryIn']> = (query) => writerTurns.after(writeNow(query));
  const queryIn: Engine['queryIn'] = (db) => (db === writerDb ? queryInTurns : null);
  const db = kysely(reading.statement);
  const runLong: ReturnType<Engine['longReadsOn']> = async (query, client) => {
    const startedAt = observe === undefined ? 0 : performance.now();
    const rows = await limited.run(async (ended) => {
      const found = await threads!.read(query, ended);
      // It may have seen a commit that is not on disk yet.
      await commits.synced();
      return found;
    }, client);
    observe?.('read', (performance.now() - startedAt) / 1000);
    return rows as never[];
  };
  return {
    name: 'sqlite',
    migrations: Object.keys(migrations),
    reader: db,
    readerAfter: () => db,
    hasReplicas: false,
    query: async (query) => run(query) as never[],
    queryNow: (query) => run(query) as never[],
    queryIn,
    longReadsOn: (asked) => (asked === db && threads !== null ? runLong : null),
    interruptible,
    commitCounter: reading.version,
    async snapshot(work) {
      const connection = openReader(file, options);
      try {
        // BEGIN alone takes no snapshot.
        connection.exec('BEGIN; SELECT 1 FROM sqlite_schema');
        // It may have a commit that is not on disk yet.
        await commits.synced();
        return await work(kysely(statementCache(connection)));
      } finally {
        connection.close();
      }
    },
    async write(work, { check, sync } = {}) {
      const checked = check === undefined ? work : afterCheck(check, work);
      if (observe === undefined) return commits.write(checked, sync);
      const startedAt = performance.now();
      try {
        return await commits.write(checked, sync);
      } finally {
        observe('write', (performance.now() - startedAt) / 1000);
      }
    },
    leave: commits.leave,
    indexesLater: searchNotes({ queryNowIn, queryIn, commits }),
    change: null,
    showTo: null,
    now,
    locksRows: false,
    nullsLast: false,
    hold: async () => {},
    advanceSequence,
    givenRows,
    nextId,
    lastId: async (table) => lastId(reading.statement, table),
    writersOf: async () => [],
    inList,
    contains,
    search,
    shortTexts: shortTexts(queryNowIn),
    // From a narrow covering index, because reading the row would read another page.
    revision: (table) =>
      sql<number>`(select revision from ${sql.table(table)} as versions indexed by ${sql.ref(`${table}_versions`)} where versions.id = ${sql.ref(`${table}.id`)})`,
    walk,
    walked,
    columnsOf: async (names) => columnsOf(reading.statement, names),
    async info() {
      const [row] = reading.statement('SELECT sqlite_version() AS version').all();
      return {
        serverVersion: (row as { version: string }).version,
        sizeBytes: fileSize(file),
        walBytes: log.size(),
        // Checked when the database was opened.
        durabilityWarnings: [],
      };
    },
    endLongReads: () => limited.end(),
    async close() {
      const readsEnded = limited.close();
      await commits.close();
      await readsEnded;
      await threads?.close();
      await checkpoints?.close();
      reading.renew();
      log.close();
      reader.close();
      writer.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      writer.close();
    },
  };
}
