// Everything that differs between the database engines. Each engine implements it in its own folder; all other code
// is written once, with Kysely.

import type { AliasedRawBuilder, CompiledQuery, Kysely, RawBuilder } from 'kysely';
import type { Awaitable } from '../../model/awaitable.ts';
import type { Kind } from '../../model/kind.ts';
import type { CallerCheck } from '../accounts/caller-check.ts';
import type { Schema } from '../accounts/schema.ts';
import type { Migrations } from '../migrations/migrations.ts';
import type { Locks, Sync } from '../store.ts';
import type { Parameter } from './compiled-queries.ts';
import type { ClientOf, LongReadWatch } from './long-reads.ts';
import type { ResourceTable } from './resource-table.ts';
import type { Entry } from './short-texts.ts';

export type Database = Kysely<Schema>;

/**
 * `prepare`: create the database if it does not exist, and migrate it to this version. `existing`: throw if either
 * would be needed, and change nothing.
 */
export type Opening = 'prepare' | 'existing';

export interface WriteOptions {
  /** Runs first, for a write on behalf of a caller. */
  readonly check?: CallerCheck | undefined;
  /** Ignored if there is only one writer. */
  readonly locks?: Locks | undefined;
  readonly sync?: Sync | undefined;
}

export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** Names of the migrations that created the tables. */
  readonly migrations: readonly string[];
  /** Runs reads outside transactions, and compiles SQL for this engine. */
  readonly reader: Database;
  /** Runs a compiled query. Its statement is prepared once per connection. */
  query<R>(query: CompiledQuery<R>): Promise<R[]>;
  /** The same, synchronous; null if the engine is not in this process. */
  queryNow: (<R>(query: CompiledQuery<R>) => R[]) | null;
  /**
   * Runs a compiled query in the transaction of `db`, without the layers of Kysely: synchronous, unless the transaction has
   * taken so long that others have a turn. Null if it is no transaction, or the engine is not in this process.
   */
  queryIn(db: Database): (<R>(query: CompiledQuery<R>) => Awaitable<R[]>) | null;
  /**
   * Runs reads that may take long, beside the others and within limits, see long-reads.ts. Each has a snapshot of its own.
   * Null in a transaction, and in a process that serves nobody.
   */
  longReadsOn(db: Database): (<R>(query: CompiledQuery<R>, client?: ClientOf) => Promise<R[]>) | null;
  /**
   * A condition, always true, for each long read: by it the read can be ended from within. Null if it is ended from outside.
   * @param id a column of ids
   */
  interruptible(id: string): RawBuilder<boolean> | null;
  /** A number that changes with every commit of any connection. Null if reading it costs as much as a query. */
  commitCounter(): number | null;
  /** The connection for reads that may come from a replica, see Store.readAfter. */
  readerAfter(walPosition: number | null): Database;
  /** Whether there are replicas, so that the write positions of accounts are stored. */
  readonly hasReplicas: boolean;
  /**
   * Runs reads that all see the state at the first of them, however long they take. Others go on writing.
   * @param work gets the connection of the reads, and uses it for one at a time
   */
  snapshot<T>(work: (reader: Database) => Promise<T>): Promise<T>;
  /** One transaction, see Writes.write. */
  write<T>(work: (db: Database) => Promise<T>, options?: WriteOptions): Promise<T>;
  /**
   * Called in a transaction: leaves a part of its work, to be done once for all transactions that share a commit. Null if
   * each has a commit of its own.
   */
  readonly leave: Leave | null;
  /**
   * Called in a transaction, before texts of a row change. The trigrams may then be written at the end of the commit, once
   * for all transactions that share it: until then, searches in this transaction find the row by its texts of before. Null if
   * they are always written with each row.
   */
  readonly indexesLater: ((db: Database, table: ResourceTable) => void) | null;
  /**
   * Runs one statement as a durable transaction; null if a full transaction costs no more.
   * @param check if given, its `verifyTime` is called as soon as there is a connection
   */
  change: (<R>(query: CompiledQuery<R>, check: CallerCheck | undefined) => Promise<R[]>) | null;
  /** Milliseconds since 1970, by a clock that all processes on the database share. */
  readonly now: RawBuilder<number>;
  /** See Transaction.showTo; called in a transaction. Null if there are no replicas. */
  readonly showTo: ((db: Database, userId: number) => void) | null;
  /** Whether rows are locked with SELECT ... FOR UPDATE. If not, there is only one writer at a time. */
  readonly locksRows: boolean;
  /** Whether the engine sorts null last by default, so that ORDER BY must say `nulls first`. */
  readonly nullsLast: boolean;
  /**
   * Locks a guard until the transaction ends; other transactions that lock the same guard wait. Does nothing if there
   * is only one writer.
   */
  hold(db: Database, guard: string): Promise<void>;
  /** After inserting explicit ids: advances the sequence past the largest id and past `given`. */
  advanceSequence(db: Database, table: string, given?: number): Promise<void>;
  /**
   * In a query that inserts no rows: an id for each of its rows, which the table does not generate for another row. With one
   * writer at a time, the rows must be inserted in the same transaction.
   */
  nextId(table: string): RawBuilder<number>;
  /** The largest id that the table has generated, also if its row was deleted; 0 if none. */
  lastId(table: string): Promise<number>;
  /**
   * Rows that a statement inserts or compares with.
   * @param columns the types of their values, which each row has
   */
  givenRows(columns: GivenColumns, rows: readonly Readonly<Record<string, unknown>>[]): GivenRows;
  /** See Additions.writers. */
  writersOf(table: string): Promise<readonly string[]>;
  /** The condition that a number is in a list, which is one parameter: databases limit the number of parameters. */
  inList(number: RawBuilder<unknown>, list: Parameter): RawBuilder<boolean>;
  /**
   * The condition that one of the folded columns of a table contains a text.
   * @param text folded
   * @param isIndexed whether the trigram index covers these columns, and the text is long enough for it
   */
  contains(
    table: string,
    columns: readonly string[],
    text: Parameter,
    isIndexed: boolean,
  ): RawBuilder<boolean>;
  /**
   * For an engine whose text index is a table of its own, which can be read in the order of ids; null if `contains`
   * is as fast.
   */
  readonly search: TextSearch | null;
  /** The index of texts of one and two characters, of resources that have one. */
  readonly shortTexts: ShortTexts;
  /** The revision of a row of this table in a query that uses an index: read in the cheapest way. */
  revision(table: string): RawBuilder<number>;
  /**
   * A table, to select from, whose rows are read along an index. An engine that knows how many rows an index gives chooses
   * by itself.
   * @param index null for the index of ids
   */
  walked(table: string, index: string | null): AliasedRawBuilder<unknown, string>;
  /** A query for the ids of rows along an index, in the order of their ids, see sql/walked-page.ts. */
  walk(asked: AskedWalk): RawBuilder<{ id: number }>;
  /** The columns of tables and indexes, by their names. Names that do not exist are left out. */
  columnsOf(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  info(): Promise<EngineInfo>;
  /** See Store.endLongReads. */
  endLongReads(): void;
  close(): Promise<void>;
}

/**
 * @param task does the parts of the same task together, in the same commit. If it fails, each transaction runs again with a
 * commit of its own
 */
export type Leave = <P>(task: SharedTask<P>, part: P) => void;

export type SharedTask<P> = (db: Database, parts: readonly P[]) => Promise<void>;

export type GivenColumns = Readonly<Record<string, Kind['column']>>;

export interface GivenRows {
  /** What the text of the query depends on, except the columns. */
  readonly shape: string;
  readonly values: readonly unknown[];
  /** A query for the rows, in their order, with their columns. @param parameters one for each of the values */
  query(parameters: readonly unknown[]): RawBuilder<unknown>;
}

export interface AskedWalk {
  readonly table: string;
  /** Rows with this value in a column, which has the index `<table>_<column>`, or in `id`. Null for all rows. */
  readonly along: { readonly column: string; readonly value: RawBuilder<unknown> } | null;
  /** Ids between which the rows are, both excluded. */
  readonly above: RawBuilder<unknown>;
  readonly below: RawBuilder<unknown>;
  readonly direction: 'asc' | 'desc';
  /** What the rows must match in addition; null for nothing. */
  readonly others: RawBuilder<boolean> | null;
  /** No more rows than these are along the index between the ids, or are needed; null if that is not known. */
  readonly atMost: number | null;
  readonly limit: number;
  /** Rows to skip. */
  readonly skipped: number;
}

export interface TextSearch {
  /** The text index of a table. */
  indexOf(table: string): SearchIndex;
  /**
   * The condition that each of these texts is in one of the columns. Each text must have three or more code points.
   */
  matches(index: SearchIndex, columns: readonly string[], texts: readonly Parameter[]): RawBuilder<boolean>;
  /** The entries of the index, see compare-texts.ts. Called in a snapshot. @param columns in their order */
  sums(snapshot: Database, table: string, columns: readonly string[]): Promise<readonly EntrySum[]>;
  /** Makes the index anew, in the transaction of `db`. */
  rebuild(db: Database, table: string): Promise<void>;
}

/** For each term, the texts of the entries of which one must be there. */
export type Grams = readonly (readonly Parameter[])[];

/** A part of the matching rows, in the order of their ids. */
export interface ShortWalk {
  /** Only rows beyond this id, in this direction; null for all. */
  readonly after: Parameter | null;
  readonly descending: boolean;
  /** The number of rows. */
  readonly most: RawBuilder<unknown>;
}

/** See short-texts.ts. */
export interface ShortTexts {
  /** Whether a set of many ids can be collected as fast as an index is read. */
  readonly collects: boolean;
  /** Whether a count reads the ids one by one, so that each further term of a million ids costs as much again. */
  readonly countsEach: boolean;
  /** A query for the ids that the index has for all terms, without rows that have changed since. */
  ids(table: string, grams: Grams, walk: ShortWalk | null): RawBuilder<{ id: number }>;
  /**
   * A query for the number of ids that the index has for all terms, with rows that have changed since.
   * @param atMost it need not count further
   */
  count(table: string, grams: Grams, atMost: RawBuilder<number> | null): RawBuilder<number>;
  /** The condition that an id is one of these. They are looked up one by one. */
  isOneOfFew(id: RawBuilder<unknown>, ids: RawBuilder<unknown>): RawBuilder<boolean>;
  change(db: Database, table: string, changes: readonly TextChange[]): Promise<void>;
  /** The entries of the index, see compare-texts.ts. Called in a snapshot. */
  sums(snapshot: Database, table: string): Promise<readonly EntrySum[]>;
  readonly rebuilding: TextRebuilding;
}

/**
 * Makes the index of short texts of a table anew, in several transactions, see reindex-texts.ts. Nothing else may change the
 * index from the first of them to the last.
 */
export interface TextRebuilding {
  /** The ids of a block must begin and end at a multiple of this. */
  readonly idsTogether: number;
  begin(db: Database, table: string): Promise<void>;
  /** Writes the entries of all rows in a block. Blocks come in the order of ids, without gaps. */
  fill(db: Database, table: string, block: Block): Promise<void>;
  /** @param from where the next block would begin */
  end(db: Database, table: string, from: number): Promise<void>;
  /** Removes what an interrupted rebuild has left. */
  discard(db: Database, table: string): Promise<void>;
}

export interface Block {
  /** The first id that may be in the block. */
  readonly from: number;
  /** The first id after it. */
  readonly to: number;
  readonly rows: readonly { readonly id: number; readonly grams: ReadonlySet<Entry> }[];
}

/** The entries of one text in an index. */
export interface EntrySum {
  readonly text: string;
  readonly entries: number;
  /** Of a number for each entry, by which other entries are noticed. */
  readonly sum: number;
}

/** How the entries of a row in the index change, see gramsOf. Most entries of a row that changes stay. */
export interface TextChange {
  readonly id: number;
  /** Null if the index does not have the row. */
  readonly removed: ReadonlySet<Entry> | null;
  /** Null if the row is deleted. */
  readonly added: ReadonlySet<Entry> | null;
}

export interface SearchIndex {
  readonly name: string;
  /** Its column that holds the ids of the records. */
  readonly id: string;
}

export interface EngineInfo {
  /** Settings of the database under which an acknowledged write could be lost. */
  readonly durabilityWarnings: readonly string[];
  /** Version of the database software. */
  readonly serverVersion: string;
  readonly sizeBytes: number;
  /** Size of the write-ahead log; null if it is not kept beside the database. */
  readonly walBytes: number | null;
}

/** Options for opening a database. */
export interface EngineOptions extends DatabaseWatch {
  /** By default those of the product. */
  readonly migrations?: Migrations;
  /** Whether requests are served: then no read may delay the others. By default not. */
  readonly isServing?: boolean;
  /** Whether it is opened to insert many rows, so that memory is well spent on them. */
  readonly fills?: boolean;
}

/** Callbacks of a database in use. */
export interface DatabaseWatch {
  /** Called after each statement or transaction, with its duration. */
  readonly observe?: ((operation: 'read' | 'write', seconds: number) => void) | undefined;
  readonly longReadWatch?: LongReadWatch | undefined;
  /** Called with a warning for the operator. */
  readonly warn?: ((message: string) => void) | undefined;
  /**
   * Called once if what was committed could not be written to disk. All writes fail from then on. The process must end,
   * because nobody knows what is on the disk.
   */
  readonly syncFailed?: ((error: Error) => void) | undefined;
}
