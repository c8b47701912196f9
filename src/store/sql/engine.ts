// All in which the engines differ. One file each implements it; everything else is written once, over Kysely.

import type { CompiledQuery, Kysely, RawBuilder } from 'kysely';
import type { CallerCheck } from '../accounts/caller-check.ts';
import type { Schema } from '../accounts/schema.ts';
import type { Migrations } from '../migrations/migrations.ts';
import type { Parameter } from './compiled-queries.ts';

export type Database = Kysely<Schema>;

/** `prepare`: make the database if absent, bring it to this version. `existing`: refuse both, and change nothing. */
export type Opening = 'prepare' | 'existing';

export interface Engine {
  readonly name: 'sqlite' | 'postgres';
  /** The names of the migrations that its tables are made by. */
  readonly migrations: readonly string[];
  /** Reads outside transactions, and the compiler of this engine's SQL. */
  readonly reader: Database;
  /** A query that was compiled before; its statement is prepared once. */
  query<R>(query: CompiledQuery<R>): Promise<R[]>;
  /** The same without a promise, where the engine is in this process. */
  queryNow: (<R>(query: CompiledQuery<R>) => R[]) | null;
  /** Changes whenever anyone has committed; null where to ask would cost as much as the question itself. */
  commitCounter(): number | null;
  /** Whom to ask for reads that may come from a replica, see Store.readAfter. */
  readerAfter(walPosition: number | null): Database;
  /** Whether accounts have positions to wait for. */
  readonly hasReplicas: boolean;
  /** One durable transaction, see Store.write. @param check asked first, on behalf of its caller */
  write<T>(work: (db: Database) => Promise<T>, check?: CallerCheck): Promise<T>;
  /**
   * One statement that is a durable transaction by itself; null where a transaction costs no more.
   * @param check its time is asked on behalf of the caller, if any, when there is a connection
   */
  change: (<R>(query: CompiledQuery<R>, check: CallerCheck | undefined) => Promise<R[]>) | null;
  /** Milliseconds since 1970 by the clock that all processes on the database share. */
  readonly now: RawBuilder<number>;
  /** In a transaction, see Transaction.showTo; null where there are no replicas. */
  readonly showTo: ((db: Database, userId: number) => void) | null;
  /** Whether SELECT ... FOR UPDATE is needed (and understood) to keep others off a row. */
  readonly locksRows: boolean;
  /** Whether the engine sorts null last by default, so that ORDER BY must say `nulls first`. */
  readonly nullsLast: boolean;
  /** In a transaction: whoever else holds this guard waits until it ends. Nothing where there is one writer. */
  hold(db: Database, guard: string): Promise<void>;
  /** After inserting explicit ids: advances the sequence past the largest id and past `given`. */
  advanceSequence(db: Database, table: string, given?: number): Promise<void>;
  /** The largest id that the table has given so far, be its row there or not; 0 where it has given none. */
  lastId(table: string): Promise<number>;
  /**
   * That a text, already folded, stands in one of the folded columns of a table.
   * @param isIndexed whether the table's index of texts has these columns, and texts as long as this one
   */
  contains(
    table: string,
    columns: readonly string[],
    text: Parameter,
    isIndexed: boolean,
  ): RawBuilder<boolean>;
  /** Where the index of texts is a table that can be walked in the order of ids; null where `contains` does as well. */
  readonly search: TextSearch | null;
  /** Of a row of a resource's table that is found by an index, in the way that reads least. */
  revision(table: string): RawBuilder<number>;
  /** The columns of tables and of indexes, by the names of these; without those that are not there. */
  columnsOf(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  info(): Promise<EngineInfo>;
  close(): Promise<void>;
}

export interface TextSearch {
  /** The index of a table's texts. */
  indexOf(table: string): SearchIndex;
  /** That all of these texts, each with three code points and more, stand in one of the columns. */
  matches(index: SearchIndex, columns: readonly string[], texts: readonly Parameter[]): RawBuilder<boolean>;
}

export interface SearchIndex {
  readonly name: string;
  /** Its column with the ids of the records. */
  readonly id: string;
}

export interface EngineInfo {
  /** Settings of the database under which an acknowledged write could be lost. */
  readonly durabilityWarnings: readonly string[];
  /** Of the database software. */
  readonly serverVersion: string;
  readonly sizeBytes: number;
  /** Of the write-ahead log; null where the engine keeps it elsewhere. */
  readonly walBytes: number | null;
}

/** What a database is opened for. */
export interface EngineOptions extends DatabaseWatch {
  /** Those of the product where absent. */
  readonly migrations?: Migrations;
}

/** Callbacks of a database in use. */
export interface DatabaseWatch {
  /** Each statement or transaction, with the seconds that it took. */
  readonly observe?: ((operation: 'read' | 'write', seconds: number) => void) | undefined;
  /** Of what an operator should look at. */
  readonly warn?: ((message: string) => void) | undefined;
}
