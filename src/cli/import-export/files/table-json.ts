// Where the rows of a table are in JSON. phpMyAdmin writes a list of a header, a database, and tables with their rows.

/** Stands for an element of the list that a file is, at the beginning of a path. */
export const anyElement = '*';

/** Paths to the rows of a table: of the first one in a file of phpMyAdmin, or by its name, as Adminer and DBeaver write it. */
export const pathsToTable = (name: string) => [[anyElement, 'data'], [name]];

/** The header is 100 characters long. */
const enough = 1000;

/** Whether a list begins with the header; null if more text is needed. */
export function isPhpMyAdmin(text: string, isWhole: boolean): boolean | null {
  if (/^\s*\[\s*\{\s*"type"\s*:\s*"header"/.test(text)) return true;
  return isWhole || text.length >= enough ? false : null;
}
