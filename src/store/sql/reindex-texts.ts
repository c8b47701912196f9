// Makes the index of short texts anew, in blocks of ids, each in a transaction of its own. It is made of the texts under which
// it must have each row, see indexedTexts: while the job does not run, these stay the same whatever is written. So rows may
// change meanwhile, and their notes stay true of the new index.

import type { Reindexing } from '../records.ts';
import { entriesOf, firstTextId, indexedTexts, isNotIndexed } from './index-texts.ts';
import type { QueryContext } from './page.ts';

export function reindexing(context: QueryContext): Reindexing {
  const { db, engine, table } = context;
  const { rebuilding } = engine.shortTexts;

  return {
    begin: () => rebuilding.begin(db as never, table.name),
    async fill(from, ids) {
      const first = await firstTextId(context, from);
      if (first === null) return { next: null, rows: 0 };
      const to = Math.ceil((first + ids) / rebuilding.idsTogether) * rebuilding.idsTogether;
      const found = await indexedTexts(context, first, to);
      const rows = found
        .filter((row) => !isNotIndexed(table, row))
        .map((row) => ({ id: row.id, grams: entriesOf(table, row) }));
      await rebuilding.fill(db as never, table.name, { from, to, rows });
      return { next: to, rows: rows.length };
    },
    end: (from) => rebuilding.end(db as never, table.name, from),
    discard: () => rebuilding.discard(db as never, table.name),
  };
}
