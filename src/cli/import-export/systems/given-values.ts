// The values of one account of another system. Whatever is not taken is left for the details of its origin.

import { readFlag } from '../../../model/cell.ts';
import { exactNumber } from '../../../model/json.ts';
import { readTimestamp } from '../../../model/timestamp.ts';
import { zone } from '../../../model/zone.ts';
import type { AccountReader, Members, ReadAccount } from '../account-reader.ts';

export interface GivenValues {
  /** The value, which is null if it is not there. It is no longer left. */
  take(name: string): unknown;
  /** Text without spaces around it; a number as text. Null if it is empty or something else; then it is left. */
  text(name: string): string | null;
  /** Also `t`, `1`, `yes` and the like. Null if it is something else; then it is left. */
  flag(name: string): boolean | null;
  /** As ISO 8601 with a zone; see `isoTime`. Null if it is something else; then it is left. */
  time(name: string): string | null;
  /** Drops values, such as secrets. */
  drop(...names: readonly string[]): void;
  /** What is left, without nulls and empty text. */
  rest(): Record<string, unknown>;
}

export function givenValues(members: Members): GivenValues {
  const left = new Map(Object.entries(members));
  /** Takes the value if it can be read. */
  function takeAs<T>(name: string, read: (value: unknown) => T | null): T | null {
    const value = read(left.get(name) ?? null);
    if (value !== null) left.delete(name);
    return value;
  }
  return {
    take(name) {
      const value = left.get(name) ?? null;
      left.delete(name);
      return value;
    },
    text: (name) => takeAs(name, textOf),
    flag: (name) => takeAs(name, flagOf),
    time: (name) => takeAs(name, isoTime),
    drop(...names) {
      for (const name of names) left.delete(name);
    },
    rest: () => Object.fromEntries([...left].filter(([, value]) => value !== null && value !== '')),
  };
}

/** Makes objects of the rows of CSV: without empty cells, and without columns that have no name. */
export function rowsAs(read: (members: Members) => ReadAccount): NonNullable<AccountReader['columns']> {
  return (names) => (cells) =>
    read(
      Object.fromEntries(
        names.flatMap((name, i) => (name === '' || cells[i] === '' ? [] : [[name, cells[i]]])),
      ),
    );
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value.trim();
  if (typeof value === 'number') return String(value);
  return JSON.isRawJSON(value) ? (value as { rawJSON: string }).rawJSON : null;
}

function flagOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = textOf(value);
  if (text === null) return null;
  // BIT of MySQL is a byte.
  if (text === '\u0001' || text === '\0') return text === '\u0001';
  return readFlag(text);
}

/**
 * Why it is not certain whether an account may sign in, if one of these values is there and cannot be read: such an account
 * is refused, so that nobody gets in who is locked out.
 */
export function unreadable(
  members: Members,
  { flags = [], times = [] }: { readonly flags?: readonly string[]; readonly times?: readonly string[] },
): string | null {
  const has = (name: string) => textOf(members[name]) !== null || typeof members[name] === 'object';
  const given = (names: readonly string[]) =>
    names.filter((name) => (members[name] ?? null) !== null && has(name));
  const flag = given(flags).find((name) => flagOf(members[name]) === null);
  if (flag !== undefined) return `${flag} is neither true nor false`;
  const time = given(times).find((name) => !isEndless(members[name]) && isoTime(members[name]) === null);
  return time === undefined ? null : `${time} is not a time such as 2026-01-31 12:00:00`;
}

/** As PostgreSQL writes it. */
const isEndless = (value: unknown) => value === 'infinity' || value === '-infinity';

const utc = zone('UTC');

/** Without the space of SQL Server before an offset, and with Z for Ruby's UTC. */
const isoText = (text: string) => text.replace(/ (?=[+-]\d{2}:?\d{2}$)/, '').replace(/ UTC$/, 'Z');

/**
 * The time as ISO 8601 with a zone: of ISO 8601, in UTC if it has no zone, or of a number of seconds or milliseconds since
 * 1970. Null if it is something else.
 */
export function isoTime(value: unknown): string | null {
  const text = textOf(value);
  if (text === null) return null;
  const number =
    typeof value === 'string' && !/^-?\d{9,14}(\.\d+)?$/.test(text) ? undefined : exactNumber(Number(text));
  // In seconds, 10^11 is in the year 5138; in milliseconds, it is in 1973.
  const ms =
    number === undefined
      ? readTimestamp(isoText(text), utc)?.from
      : Math.round(Math.abs(number) < 100_000_000_000 ? number * 1000 : number);
  return ms === undefined || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15
    ? null
    : new Date(ms).toISOString();
}
