// Reports refused or skipped rows: the first ones each on a line, and all of them summed up by reason.

import { visible } from '../terminal-text.ts';
import type { FileRecord } from './files/file-record.ts';
import type { Unit } from './files/read-records.ts';

/** Numbers of the first rows that a sum names. */
const firstRows = 5;
/** Reasons that are printed, and reasons that are remembered: some have a value of the file in them. */
const shownReasons = 30;
const maxReasons = 1000;

export interface ReasonSum {
  readonly reason: string;
  readonly rows: number;
  /** Numbers of the first rows, see FileRecord. */
  readonly first: readonly number[];
}

export interface Refusals {
  /** Reports a row on standard error, if it is one of the first. */
  add(record: FileRecord, reasons: readonly string[]): void;
  /** The most frequent first. A row with several reasons counts in each. */
  sums(): readonly ReasonSum[];
  /** Prints the sums on standard error. @param always also if every row has been reported */
  printSums(head: string, always: boolean): void;
}

/** @param shownRows rows that are reported one by one */
export function refusals(unit: Unit, shownRows = 100): Refusals {
  const byReason = new Map<string, { rows: number; first: number[] }>();
  let rows = 0;

  function count(reason: string, line: number): void {
    const isKnown = byReason.has(reason) || byReason.size < maxReasons;
    const key = isKnown ? reason : 'other reasons';
    const sum = byReason.get(key) ?? { rows: 0, first: [] };
    byReason.set(key, sum);
    sum.rows++;
    if (sum.first.length < firstRows) sum.first.push(line);
  }

  function sums(): ReasonSum[] {
    return [...byReason]
      .map(([reason, sum]) => ({ reason, ...sum }))
      .sort((one, other) => other.rows - one.rows);
  }

  return {
    add(record, reasons) {
      for (const reason of new Set(reasons)) count(reason, record.line);
      if (++rows <= shownRows) {
        const place = record.fileLine === undefined ? '' : ` on line ${record.fileLine}`;
        print(`${unit} ${record.line}${place}: ${reasons.join(', ')}`);
      }
      if (shownRows > 0 && rows === shownRows + 1) print('Further refused rows are only counted.');
    },
    sums,
    printSums(head, always) {
      if (rows === 0 || (rows <= shownRows && !always)) return;
      print(head);
      const all = sums();
      for (const { reason, rows: number, first } of all.slice(0, shownReasons)) {
        const more = number > first.length ? ' …' : '';
        const places = `${unit}${number === 1 ? '' : 's'} ${first.join(', ')}${more}`;
        print(`${String(number).padStart(9)}  ${reason} (${places})`);
      }
      if (all.length > shownReasons) print(`and ${all.length - shownReasons} other reasons`);
    },
  };
}

function print(text: string): void {
  process.stderr.write(`${visible(text)}\n`);
}
