// Reads ISO 8601: a calendar day or an instant. As in RFC 3339 section 5.6, T and Z may be lower case, and a space
// may replace the T. An offset may have hours only. 24:00 and leap seconds are not accepted.

import { latestInstant, type Zone } from './zone.ts';

/**
 * A half-open interval `[from, until)` in milliseconds since 1970. An instant has `from` equal to `until`, and `day`
 * false.
 */
export interface Interval {
  readonly from: number;
  readonly until: number;
  readonly day: boolean;
}

// In a query string an unencoded + is decoded as a space, so a space is accepted as the sign of an offset.
const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+\- ]\d{2}(?::?\d{2})?)?)?$/;

const dayMs = 24 * 60 * 60 * 1000;

/**
 * A date means its whole day in the zone. A date-time without an offset is local time in the zone.
 * @returns undefined if the text is not valid
 */
export function readTimestamp(text: string, zone: Zone): Interval | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const date = new Date(midnight);
  // Date.UTC accepts 2026-02-30 as 2 March, and years below 100 as 19xx.
  if (
    date.getUTCFullYear() !== Number(year) ||
    date.getUTCMonth() !== Number(month) - 1 ||
    date.getUTCDate() !== Number(day)
  )
    return undefined;
  if (hour === undefined) {
    const next = new Date(midnight + dayMs);
    const from = zone.startOfDay(Number(year), Number(month), Number(day));
    return {
      from,
      until: zone.startOfDay(next.getUTCFullYear(), next.getUTCMonth() + 1, next.getUTCDate()),
      day: true,
    };
  }
  const hours = Number(hour);
  const minutes = Number(minute);
  const seconds = Number(second ?? 0);
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const ms = Number((fraction ?? '0').padEnd(3, '0').slice(0, 3));
  const wall = midnight + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
  const at = offset === undefined ? zone.instantOf(wall) : wall - offsetMs(offset);
  return Number.isNaN(at) ? undefined : { from: at, until: at, day: false };
}

function offsetMs(text: string): number {
  if (text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = text.length > 3 ? Number(text.slice(-2)) : 0;
  if (hours > 15 || minutes > 59) return Number.NaN;
  return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

const earliest = Date.UTC(100, 0, 2);

/** Whether the instant can be written with a year of four digits, see `Zone.format`. */
export function isWritable(epochMs: number): boolean {
  return epochMs >= earliest && epochMs <= latestInstant;
}
