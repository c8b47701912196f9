import type { ImportedRecord } from '../../../resources/users/import-users.ts';

/** What is in the file: the cells of a row, or the text of a line or an object, empty if it cannot be decoded. */
export type Original = { readonly cells: readonly string[] } | { readonly text: string };

/** A record of a file. In JSON that is not one object on each line, `line` is its number in the file, from 1. */
export type FileRecord = ImportedRecord & {
  readonly original: Original;
  /** The line on which it begins, if `line` is not that. */
  readonly fileLine?: number;
};
