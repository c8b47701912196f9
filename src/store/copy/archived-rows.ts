// Rows as lines of JSON in archives.

import { JsonError, readJson } from '../../model/json.ts';
import type { Stored } from '../../model/kind.ts';
import { withFolded } from '../sql/stored-rows.ts';
import type { Columns, ColumnType, Table } from '../sql/tables.ts';
import { archivedColumns } from './archived-columns.ts';
import type { StoredRow } from './carried-rows.ts';

/** A line of an archive cannot be read. The message is to be appended to its place. */
export class LineProblem extends Error {}

const writers: Readonly<Record<ColumnType, (value: NonNullable<Stored>) => string>> = {
  integer: String,
  text: JSON.stringify,
  // SQLite stores booleans as 0 and 1.
  boolean: (value) => String(Boolean(value)),
  time: (value) => `"${new Date(value as number).toISOString()}"`,
  // Stored as JSON text.
  json: String,
};

/** @returns writes a row as a line, with the end of the line */
export function lineWriter(columns: Columns): (row: StoredRow) => string {
  const members = Object.entries(columns).map(([name, { type }], i) => ({
    name,
    start: `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    write: writers[type],
  }));
  return (row) => {
    let line = '';
    for (const { name, start, write } of members) {
      const value = row[name]!;
      line += start + (value === null ? 'null' : write(value));
    }
    return `${line}}\n`;
  };
}

const timeForm = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/;

/** Undefined if the value does not have the type. */
const readers: Readonly<Record<ColumnType, (value: unknown) => Stored | undefined>> = {
  integer: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
  text: (value) =>
    typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : undefined,
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  time(value) {
    const at = typeof value === 'string' && timeForm.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  },
  json: (value) => JSON.stringify(value),
};

/**
 * @param names the columns that the archive has. A line without one of them has null there; other columns of the table
 * get their defaults
 * @returns reads a line as a row of the table, with its folded columns. Throws LineProblem
 */
export function lineReader(table: Table, names: readonly string[]): (line: string) => StoredRow {
  const columns = archivedColumns(table);
  const { resource } = table;
  const absent = (resource?.columns ?? []).filter((name) => !names.includes(name));
  const defaults = absent.map((name) => [name, resource!.attributes[name]!.default ?? null]);
  const isNamed = new Set(names);
  // Keeping the text of numbers costs time, and only values of JSON need it.
  const parse = Object.values(columns).some(({ type }) => type === 'json') ? readJson : JSON.parse;
  return (line) => {
    const given = membersOf(line, parse);
    const row: Record<string, Stored> = Object.fromEntries(defaults);
    for (const name of names) {
      const value = given[name];
      const stored = value === undefined || value === null ? null : readers[columns[name]!.type](value);
      if (stored === undefined) throw new LineProblem(`${name} is not ${kindOf[columns[name]!.type]}`);
      row[name] = stored;
    }
    const unknown = Object.keys(given).find((name) => !isNamed.has(name));
    if (unknown !== undefined)
      throw new LineProblem(`${JSON.stringify(unknown.slice(0, 100))} is not a column of its table`);
    return resource === undefined ? row : withFolded(resource, row);
  };
}

const kindOf: Readonly<Record<ColumnType, string>> = {
  integer: 'an integer',
  text: 'a text',
  boolean: 'true or false',
  time: 'a time, such as 2026-11-24T08:14:22.805Z',
  json: 'JSON',
};

function membersOf(line: string, parse: (text: string) => unknown): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(line);
  } catch (cause) {
    if (!(cause instanceof JsonError || cause instanceof SyntaxError)) throw cause;
    throw new LineProblem(cause instanceof JsonError ? cause.message : 'is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value))
    throw new LineProblem('is not a JSON object');
  return value as Readonly<Record<string, unknown>>;
}
