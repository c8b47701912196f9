// Substring search with the trigram index of SQLite's FTS5: the table `<table>_search` over the folded columns of a
// table.

import { type RawBuilder, sql } from 'kysely';
import type { Parameter } from '../sql/compiled-queries.ts';
import type { Engine, SearchIndex, TextSearch } from '../sql/engine.ts';
import { entrySums, idNumber } from './entry-sums.ts';
import { forgetNotes } from './search-notes.ts';

export const search: TextSearch = {
  indexOf(table) {
    const name = `${table}_search`;
    return { name, id: `${name}.rowid` };
  },
  // sqlite.org/fts5.html, full-text query syntax
  matches({ name }, columns, texts) {
    const phrases = texts.map((text) =>
      text.map((value: string) => {
        const folded = (text.convert?.(value) ?? value) as string;
        return `{${columns.join(' ')}} : "${folded.replaceAll('"', '""')}"`;
      }),
    );
    return sql<boolean>`${sql.ref(name)} match ${sql.join(phrases, sql` || ' AND ' || `)}`;
  },
  sums(snapshot, table, columns) {
    const positions = columns.map((name, i) => `WHEN '${name}' THEN ${i + 1}`).join(' ');
    return entrySums(snapshot, `${table}_search`, `${idNumber} * CASE col ${positions} ELSE 0 END`);
  },
  async rebuild(db, table) {
    const index = sql.table(`${table}_search`);
    await forgetNotes(db, table);
    await sql`insert into ${index} (${index}) values ('rebuild')`.execute(db);
  },
};

/** Texts that the index cannot find scan every row. */
export const contains: Engine['contains'] = (table, columns, text, isIndexed) => {
  if (!isIndexed) return containsByScan(table, columns, text);
  const index: SearchIndex = search.indexOf(table);
  return sql<boolean>`${sql.ref(`${table}.id`)} in (select rowid from ${sql.table(index.name)} where ${search.matches(index, columns, [text])})`;
};

function containsByScan(table: string, columns: readonly string[], text: Parameter): RawBuilder<boolean> {
  const anywhere = columns.map(
    (column) => sql<boolean>`instr(${sql.ref(`${table}.${column}`)}, ${text}) > 0`,
  );
  return sql<boolean>`(${sql.join(anywhere, sql` or `)})`;
}
