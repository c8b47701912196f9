// The seam between the formats of files (CSV, JSON, LDIF) and the systems that have written them. A format yields rows
// with their numbers, in the names of the file; a reader makes accounts of them. Each system is one reader, in one file.

import type { FileRecord } from './files/file-record.ts';
import type { Line } from './files/read-lines.ts';

/**
 * One account in the names that `readImported` knows, the reason why it cannot be read, or the reason why it is no account:
 * then it is counted, and is not refused. A file of refused accounts gets it too if accounts refer to it (`isContext`).
 */
export type ReadAccount =
  | { readonly fields: ReadonlyMap<string, unknown> }
  | { readonly problem: string }
  | { readonly skipped: string; readonly isContext?: boolean };

export type Members = Readonly<Record<string, unknown>>;

/** Has the methods of the formats that it can read. */
export interface AccountReader {
  /**
   * Called once for a CSV file, before any row.
   * @param names the cells of the header line; empty cells have no name
   * @param line number of the header line, for messages
   * @returns reads a row, which has as many cells as the header line
   * @throws CommandError if the file does not have the columns that it needs
   */
  columns?(names: readonly string[], line: number): (cells: readonly string[]) => ReadAccount;
  /** Reads one object of a JSON file. Numbers whose text would change are raw JSON, see `readJson`. */
  object?(members: Members): ReadAccount;
  /**
   * Reads a file of LDIF.
   * @param open begins to read the file; each call begins anew. Standard input can be opened once
   */
  entries?(open: () => AsyncIterable<readonly Line[]>): AsyncIterable<FileRecord>;
  /**
   * For accounts that refer to other parts of a JSON file, such as groups. Called in a first pass, before any account: with
   * the members of the object around the list of accounts, lists element by element, or with all elements of a file that
   * is a list or lines.
   * @param path the names of the members that lead to the value; empty for an element of the file
   * @returns whether accounts refer to the value; then a file of refused accounts gets it too
   */
  survey?(path: readonly string[], value: unknown): boolean;
  /** Whether all accounts are read once before the first is imported: what `columns` or `object` throws comes before it. */
  readonly isReadTwice?: boolean;
}
