// The index of short texts in SQLite: an FTS5 table `<table>_grams` without content, whose tokens are the texts in
// hexadecimal. It keeps only the ids of each token (detail = none), which it gives in their order.

import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Parameter } from '../sql/compiled-queries.ts';
import type { Engine, Grams, ShortTexts } from '../sql/engine.ts';
import { joined } from '../sql/joined.ts';
import { cachedGrams } from '../sql/short-texts.ts';

const matching = (table: string, grams: Grams) => {
  const terms = grams.map((oneOf) => {
    const tokens = oneOf.map((gram) => sql`${token(gram)}`);
    return [text('('), ...between(tokens, text(' OR ')), text(')')];
  });
  const expression = joined(between(terms, [text(' AND ')]).flat(), ' || ');
  return sql`${sql.ref(`${table}_grams`)} match ${expression}`;
};

const text = (value: string) => sql.lit(value) as RawBuilder<unknown>;

function between<T>(parts: readonly T[], separator: T): T[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));
}

function token(gram: Parameter): Parameter {
  return gram.map((text: string) => hexadecimal((gram.convert?.(text) ?? text) as string));
}

const tokenOf = cachedGrams(hexadecimal);

function hexadecimal(text: string): string {
  return Buffer.from(text).toString('hex');
}

export function shortTexts(queryNowIn: Engine['queryNowIn']): ShortTexts {
  return {
    collects: true,
    ids: (table, grams) => sql`select rowid as id from ${sql.table(`${table}_grams`)}
      where ${matching(table, grams)} and rowid not in (select id from ${sql.table(`${table}_unindexed`)})`,
    count(table, grams, atMost) {
      const found = sql`from ${sql.table(`${table}_grams`)} where ${matching(table, grams)}`;
      return atMost === null
        ? sql`select count(*) ${found}`
        : sql`select count(*) from (select 1 ${found} limit ${atMost})`;
    },
    isOneOfFew: (id, ids) => sql<boolean>`${id} in (${ids})`,
    async change(db, table, changes) {
      const run = queryNowIn(db)!;
      const index = `${table}_grams`;
      const rowsOf = (side: 'before' | 'after') =>
        JSON.stringify(
          changes.flatMap(({ id, [side]: grams }) =>
            grams === null ? [] : [[id, Array.from(grams, tokenOf).join(' ')]],
          ),
        );
      run(
        CompiledQuery.raw(
          `INSERT INTO ${index} (${index}, rowid, grams)
            SELECT 'delete', value ->> 0, value ->> 1 FROM json_each(?)`,
          [rowsOf('before')],
        ),
      );
      run(
        CompiledQuery.raw(
          `INSERT INTO ${index} (rowid, grams) SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
          [rowsOf('after')],
        ),
      );
    },
  };
}
