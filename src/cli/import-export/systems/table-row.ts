// One row of a table of a database, as its tools write it to CSV and JSON: psql, sqlite3, mysql, phpMyAdmin, and those of
// SQL Server.

import type { AccountReader, Members, ReadAccount } from '../account-reader.ts';
import { foldName } from '../column-names.ts';
import { type GivenValues, givenValues, unreadable } from './given-values.ts';
import { withoutSecrets } from './secret-columns.ts';

/** Columns are found by `foldName`. What is NULL is not there, and what is a secret is not left. */
export interface TableRow extends GivenValues {
  /** Whether there is such a column, also if it is NULL. */
  has(name: string): boolean;
  /** The first of these columns that is not NULL, by its name in the file. */
  first(names: readonly string[]): string | null;
  /** See `unreadable` of given-values.ts. */
  unreadable(names: Parameters<typeof unreadable>[1]): string | null;
  /** Leaves these values, also if they are taken. */
  keep(names: readonly string[]): void;
}

/** @param required columns that cannot be NULL: there the text NULL is a value */
export function tableRow(members: Members, required: readonly string[] = []): TableRow {
  const names = new Map<string, string>();
  const there: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    const folded = foldedName(name);
    if (!names.has(folded)) names.set(folded, name);
    if (!isNull(value)) there[name] = value;
  }
  const own = (name: string) => names.get(foldedName(name)) ?? name;
  for (const name of required.map(own)) if (members[name] === 'NULL') there[name] = 'NULL';
  const values = givenValues(there);
  const kept: Record<string, unknown> = {};
  return {
    has: (name) => names.has(foldedName(name)),
    take: (name) => values.take(own(name)),
    text: (name) => values.text(own(name)),
    flag: (name) => values.flag(own(name)),
    time: (name) => values.time(own(name)),
    drop: (...dropped) => values.drop(...dropped.map(own)),
    rest: () => withoutSecrets({ ...values.rest(), ...kept }),
    unreadable: ({ flags = [], times = [] }) =>
      unreadable(there, { flags: flags.map(own), times: times.map(own) }),
    first: (wanted) => wanted.map(own).find((name) => Object.hasOwn(there, name)) ?? null,
    keep(wanted) {
      for (const name of wanted.map(own)) if (Object.hasOwn(there, name)) kept[name] = there[name];
    },
  };
}

/** Reads rows of CSV, and objects of JSON whose members are the columns. */
export function tableReader(read: (row: Members) => ReadAccount) {
  return {
    columns: (names) => (cells) =>
      // Columns without a name are left out.
      read(Object.fromEntries(names.flatMap((name, i) => (name === '' ? [] : [[name, cells[i]]])))),
    object: read,
  } satisfies AccountReader;
}

/** psql and sqlite3 write nothing, COPY and MySQL's INTO OUTFILE \N, mysql, phpMyAdmin and SQL Server the word. */
const nulls: ReadonlySet<string> = new Set(['', '\\N', 'NULL']);

/** MySQL's time of zeros is none. */
const noTime = /^0000-00-00(?:[ T]00:00:00(?:\.0+)?)?$/;

function isNull(value: unknown): boolean {
  if (typeof value !== 'string') return value === null;
  const text = value.trim();
  return nulls.has(text) || noTime.test(text);
}

const foldedNames = new Map<string, string>();

function foldedName(name: string): string {
  const known = foldedNames.get(name) ?? foldName(name);
  // The names of members could be any number.
  if (foldedNames.size < 1000) foldedNames.set(name, known);
  return known;
}
