// A part of the port: the records of resources.

import type { Awaitable } from '../model/awaitable.ts';
import type { Filter, Query, SortKey } from '../model/query.ts';

import type { RecordOf, Resource, Row, ShownRevisions, ValuesOf } from '../model/resource.ts';
import type { ClientOf } from './sql/long-reads.ts';

/** The version of a record. Two states of a record that render differently have different versions. */
export interface RecordVersion {
  readonly id: number;
  readonly revision: number;
  /** The revisions of the other records whose values it shows; null if there are none. */
  readonly shown: ShownRevisions;
  readonly facts?: Facts;
  /** The row of this version, if it was read as well: for a reader who has no rendering of the record. */
  readonly row?: RecordOf;
}

/**
 * The values that decide to which audience of the record a caller belongs. Absent if the id of the record is enough.
 */
export type Facts = Row;

export interface PageRow {
  readonly id: number;
  readonly revision: number;
  readonly facts?: Facts;
  /** Values of the sort attributes, for a cursor. */
  readonly sortKey: SortKey;
  /** The whole row, if it was read as well. */
  readonly row?: RecordOf;
}

export interface WalkedPage {
  readonly rows: readonly PageRow[];
  /** Where the next page begins; null if this is the last one. */
  readonly next: SortKey | null;
}

export interface IdRange {
  readonly above: number;
  readonly upTo: number;
}

export interface CollectionState {
  /** Grows with every change of a row, of a membership, and of `shownCount`. */
  readonly changeCount: number;
  /** Grows with every change of another record's value that rows show. */
  readonly shownCount: number;
  /** Exact number of rows. */
  readonly rowCount: number;
}

/** The state, and the page that was read in the same statement. */
export interface StateWithPage {
  readonly state: CollectionState;
  /** Null if the page must be read by itself, after the state. */
  readonly page: readonly PageRow[] | null;
}

/** The filter that selects the records that a caller sees; null for all. */
export type Visible = Filter | null;

/** Reads rows of one resource. */
export interface RecordReader<R extends Resource = Resource> {
  find(id: number): Awaitable<RecordOf<R> | null>;
  /**
   * Rows in ascending order of their ids. Ids without a row are left out.
   * @param visible only rows that match are returned; null for all, which is the default
   */
  findMany(ids: readonly number[], visible?: Visible): Awaitable<RecordOf<R>[]>;
  /** The same, but returns only the versions. */
  versions(ids: readonly number[], visible: Visible): Awaitable<RecordVersion[]>;
  /**
   * Finds a record by a unique attribute.
   * @param name an attribute whose kind is an identity, for example `email`
   * @param text in any form that the kind treats as equal, for example upper or lower case
   */
  findByIdentity(name: string, text: string): Awaitable<RecordOf<R> | null>;
  /** Of these texts, those by which `findByIdentity` finds a record: one statement for all. */
  takenIdentities(name: string, texts: readonly string[]): Awaitable<ReadonlySet<string>>;
  /**
   * The rows of a page. With a cursor it returns one row more than the page size if there is a next page.
   * @param totalCount number of rows that match, to read a late page from the end; null if unknown
   * @param client who asks: a long read takes turns with those of others, and ends when the client goes
   */
  page(
    query: Query,
    visible: Visible,
    totalCount: number | null,
    client?: ClientOf,
  ): Awaitable<readonly PageRow[]>;
  /**
   * A page by cursor that looks at a few thousand rows at most, for resources with millions of them. If few of these
   * match, the page has fewer rows than its size, or none, and yet a next page.
   * @param query sorted by id
   */
  walk(query: Query, visible: Visible, client?: ClientOf): Awaitable<WalkedPage>;
  /** For a resource that only grows: the number of visible rows in a range of ids that match the filter. */
  countWithin(filter: Filter | null, visible: Visible, range: IdRange): Awaitable<number>;
  /** The same rows, in ascending order. */
  rowsWithin(
    filter: Filter | null,
    visible: Visible,
    range: IdRange,
    part: { readonly skip: number; readonly take: number },
  ): Awaitable<readonly PageRow[]>;
  /** Number of visible rows that match the filter. */
  count(filter: Filter | null, visible: Visible, client?: ClientOf): Awaitable<number>;
  /**
   * Whether the record exists and is visible. If everything is visible (null), or only one id, it does not check that
   * the record exists.
   */
  sees(visible: Visible, id: number): Awaitable<boolean>;
  state(): Awaitable<CollectionState>;
  /** The state. If the query looks up one record by a unique attribute, a database server reads its page as well. */
  stateWithPage(query: Query, visible: Visible): Awaitable<StateWithPage>;
  /** For a resource with an index of short texts: whether there are rows that have changed since they were indexed. */
  hasUnindexedTexts(): Awaitable<boolean>;
  additions(): Promise<Additions>;
}

/** See sql/reindex-texts.ts. */
export interface Reindexing {
  begin(): Promise<void>;
  /**
   * Indexes some rows.
   * @param from the id at which to begin
   * @param ids about how many ids to go on
   * @returns the id at which to continue, null at the end; and the number of rows
   */
  fill(from: number, ids: number): Promise<{ readonly next: number | null; readonly rows: number }>;
  /** @param from where `fill` found no more rows */
  end(from: number): Promise<void>;
  /** Removes what an interrupted run has left. */
  discard(): Promise<void>;
}

/** What is known of rows that are not visible yet, see resources/operations/follow-records.ts. */
export interface Additions {
  /** The largest id that was given to a row, also if the row is not committed, or deleted. */
  readonly lastId: number;
  /**
   * The transactions that may still commit a row with such an id, by names that no other transaction ever has. None on
   * an engine with one writer at a time, where ids are committed in their order.
   */
  readonly writers: readonly string[];
}

export type NewRecord<R extends Resource> = ValuesOf<R> & { readonly id?: number };

/** Reads and writes rows of one resource, in a transaction. */
export interface Records<R extends Resource = Resource> extends RecordReader<R> {
  /** Locks the row: no other transaction changes it before this one ends. */
  findForUpdate(id: number): Awaitable<RecordOf<R> | null>;
  /** The same for several rows, in ascending order of their ids. Ids without a row are left out. */
  findManyForUpdate(ids: readonly number[]): Awaitable<RecordOf<R>[]>;
  /**
   * @param values with an id if the id must be preserved, for example in an import
   * @returns the id
   * @throws UniqueViolation
   */
  insert(values: NewRecord<R>): Promise<number>;
  /**
   * Inserts many rows in one statement. All rows must have the same columns.
   * @returns the id of each row, or null if the row was skipped because its id or an identity is taken
   */
  insertMany(rows: readonly NewRecord<R>[]): Promise<(number | null)[]>;
  /**
   * Updates a row and increments its revision.
   * @returns the row after the update
   * @throws UniqueViolation
   */
  update(id: number, values: ValuesOf<R>): Promise<RecordOf<R>>;
  /**
   * Sets the same values in many rows and increments their revisions. If the resource has the attribute `updated_at`,
   * it becomes `now`, or one more than it was if that is later.
   * @returns the rows after the update, in ascending order of their ids
   */
  updateMany(ids: readonly number[], values: ValuesOf<R>, now: number): Promise<RecordOf<R>[]>;
  /** Indexes short texts of the first rows that have changed. @returns the number of these rows */
  indexTexts(limit: number): Promise<number>;
  /** Makes the index of short texts anew. */
  readonly reindexing: Reindexing;
  /** @returns false if the row does not exist */
  delete(id: number): Promise<boolean>;
  /**
   * Deletes the first rows of a resource with times that grow with the ids, see Attribute.growsWithId.
   * @param maxAgeMs only older rows, by the clock of the database
   * @returns the number of deleted rows
   */
  deleteOldest(maxAgeMs: number, limit: number): Promise<number>;
}
