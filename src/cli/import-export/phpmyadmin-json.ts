// The JSON of phpMyAdmin: a list of a header, a database, and tables with their rows.

/** Stands for an element of the list that a file is, at the beginning of a path. */
export const anyElement = '*';

/** The path to the rows of the first table. */
export const phpMyAdminRows = [anyElement, 'data'];

/** The header is 100 characters long. */
const enough = 1000;

/** Whether a list begins with the header; null if more text is needed. */
export function isPhpMyAdmin(text: string, isWhole: boolean): boolean | null {
  if (/^\s*\[\s*\{\s*"type"\s*:\s*"header"/.test(text)) return true;
  return isWhole || text.length >= enough ? false : null;
}
