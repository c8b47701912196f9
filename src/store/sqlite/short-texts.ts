// The index of short texts in SQLite: an FTS5 table `<table>_grams` without content, whose tokens are the texts in
// hexadecimal. It keeps only the ids of each token (detail = none), which it gives in their order.

import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Parameter } from '../sql/compiled-queries.ts';
import type { Database, Engine, Grams, ShortTexts, TextRebuilding } from '../sql/engine.ts';
import { joined } from '../sql/joined.ts';
import { cachedGrams, type Entry } from '../sql/short-texts.ts';
import { entrySums, idNumber } from './entry-sums.ts';

/** Runs a query at once, in the transaction of `db`. Null if it is no transaction. */
export type QueryNowIn = (db: Database) => Engine['queryNow'];

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

export function shortTexts(queryNowIn: QueryNowIn): ShortTexts {
  return {
    collects: true,
    countsEach: true,
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
      // Also a row of which no entry changes is deleted and inserted, if it was there and stays, because FTS5 counts its rows.
      const rowsOf = (side: 'removed' | 'added') =>
        changes.flatMap(({ id, [side]: grams }) => (grams === null ? [] : [{ id, grams }]));
      run(
        CompiledQuery.raw(
          `INSERT INTO ${index} (${index}, rowid, grams)
            SELECT 'delete', value ->> 0, value ->> 1 FROM json_each(?)`,
          [asJson(rowsOf('removed'))],
        ),
      );
      run(inserting(index, rowsOf('added')));
    },
    sums: async (snapshot, table) =>
      (await entrySums(snapshot, `${table}_grams`, idNumber)).map((sum) => ({
        ...sum,
        text: Buffer.from(sum.text, 'hex').toString(),
      })),
    rebuilding: rebuilding(queryNowIn),
  };
}

interface IndexedRow {
  readonly id: number;
  readonly grams: Iterable<Entry>;
}

function inserting(index: string, rows: readonly IndexedRow[]): CompiledQuery {
  return CompiledQuery.raw(
    `INSERT INTO ${index} (rowid, grams) SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
    [asJson(rows)],
  );
}

function asJson(rows: readonly IndexedRow[]): string {
  return JSON.stringify(rows.map(({ id, grams }) => [id, Array.from(grams, tokenOf).join(' ')]));
}

/** Makes a second index, and puts it in the place of the first: FTS5 can remove only entries of which it is told. */
function rebuilding(queryNowIn: QueryNowIn): TextRebuilding {
  const runIn = (db: Database) => (statement: string) => queryNowIn(db)!(CompiledQuery.raw(statement));
  const nameOf = (table: string) => `${table}_grams_anew`;
  const discard: TextRebuilding['discard'] = async (db, table) =>
    void runIn(db)(`DROP TABLE IF EXISTS ${nameOf(table)}`);
  return {
    idsTogether: 1,
    async begin(db, table) {
      await discard(db, table);
      const run = runIn(db);
      const index = `${table}_grams`;
      const anew = nameOf(table);
      const [{ definition }] = run(
        `SELECT substr(sql, instr(sql, ' USING ')) AS definition FROM sqlite_schema WHERE name = '${index}'`,
      ) as [{ definition: string }];
      run(`CREATE VIRTUAL TABLE ${anew} ${definition}`);
      // How it merges.
      run(`INSERT INTO ${anew} (${anew}, rank) SELECT k, v FROM ${index}_config WHERE k <> 'version'`);
    },
    fill: async (db, table, { rows }) => void queryNowIn(db)!(inserting(nameOf(table), rows)),
    async end(db, table) {
      runIn(db)(`DROP TABLE ${table}_grams`);
      runIn(db)(`ALTER TABLE ${nameOf(table)} RENAME TO ${table}_grams`);
    },
    discard,
  };
}
