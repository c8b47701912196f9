// Rows with tabs, as mysql and COPY of PostgreSQL write them: never in quotes, with a backslash before what would end a cell.

import type { RowRecord } from './csv.ts';

const meanings: Readonly<Record<string, string>> = {
  ...{ t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0' },
  '\\': '\\',
};

/** \N stays: it stands for NULL. */
const escaped = /\\([tnrbfv0\\])/g;

export function tabRecord(): RowRecord {
  const cells: string[] = [];
  return {
    cells,
    take(line) {
      for (const cell of line.replace(/\r$/, '').split('\t'))
        cells.push(cell.includes('\\') ? cell.replaceAll(escaped, (_, letter) => meanings[letter]!) : cell);
      return 'complete';
    },
  };
}
