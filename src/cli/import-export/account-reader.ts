// The seam between the formats of files (CSV, JSON) and the systems that have written them. A format yields rows with
// their numbers, in the names of the file; a reader makes accounts of them. Each system is one reader, in one file.

/** One account in the names that `readImported` knows, or the reason why it cannot be read. */
export type ReadAccount = { readonly fields: ReadonlyMap<string, unknown> } | { readonly problem: string };

export interface AccountReader {
  /**
   * Called once for a CSV file, before any row.
   * @param names the cells of the header line; empty cells have no name
   * @param line number of the header line, for messages
   * @returns reads a row, which has as many cells as the header line
   * @throws CommandError if the file does not have the columns that it needs
   */
  columns(names: readonly string[], line: number): (cells: readonly string[]) => ReadAccount;
  /** Reads one object of a JSON file. Numbers whose text would change are raw JSON, see `readJson`. */
  object(members: Readonly<Record<string, unknown>>): ReadAccount;
}
