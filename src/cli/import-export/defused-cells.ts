// Cells of `users export --for-spreadsheet` that a spreadsheet would run as formulas
// (owasp.org/www-community/attacks/CSV_Injection). People choose their own names, so such a cell gets an apostrophe in
// front. A further column names these cells, so that an import reads every text back as it was.

/** The column that names the columns whose cells have an apostrophe in front. */
export const defusedColumn = 'defused';

/** Also the full-width forms, which spreadsheets of East Asian languages take for the same characters. */
const likeFormula = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/**
 * Puts an apostrophe in front of cells that look like formulas.
 * @param names the columns of the cells
 * @returns the cells, and one more for `defusedColumn`
 */
export function defuse(names: readonly string[], cells: readonly string[]): string[] {
  const changed = names.filter((_, i) => likeFormula.test(cells[i]!));
  return [...cells.map((cell) => (likeFormula.test(cell) ? `'${cell}` : cell)), changed.join(' ')];
}

/** The text of a cell that `defusedColumn` names. The apostrophe is not there if the cell was changed in a spreadsheet. */
export function restore(cell: string): string {
  return cell.startsWith("'") && likeFormula.test(cell.slice(1)) ? cell.slice(1) : cell;
}
