// Converts instants to local time in an IANA zone. Intl is exact but slow (microseconds), so offsets are cached for
// each quarter of an hour: since 1972 every zone has changed its offset only at a quarter of an hour.

import { zoneNames } from './zone-names.ts';

const quarterHourMs = 15 * 60 * 1000;

/** The last instant that has a year of four digits at some offset (-14:00). */
export const latestInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999) + 14 * 60 * 60 * 1000;

const year10000 = Date.UTC(10_000, 0, 1);

export interface Zone {
  readonly name: string;
  /**
   * ISO 8601 with milliseconds and a numeric offset: `2026-03-17T05:04:00.843+01:00`. If local time would be in the
   * year 10000, it is written in UTC, or later at the offset -14:00, because clients cannot read a year of five
   * digits.
   */
  format(epochMs: number): string;
  /**
   * The instant at which a calendar day begins.
   * @param month from 1
   */
  startOfDay(year: number, month: number, day: number): number;
  /**
   * The instant of a local time.
   * @param wallMs the local time as if it were UTC. If it occurs twice, the earlier instant; if it is skipped, the
   * instant an hour later
   */
  instantOf(wallMs: number): number;
}

interface Offset {
  readonly ms: number;
  readonly writtenMs: number;
  readonly text: string;
}

/** @throws RangeError if the runtime does not know the zone */
export function zone(name: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  const offsets = new Map<number, Offset>();
  const localTime = localTimes();

  function offsetAt(epochMs: number) {
    const key = Math.floor(epochMs / quarterHourMs);
    let offset = offsets.get(key);
    if (offset === undefined) {
      if (offsets.size > 10_000) offsets.clear();
      const ms = computeOffset(format, key * quarterHourMs);
      // ISO 8601 has no seconds in offsets, but a few zones had them. The offset is rounded, and the local time with
      // it, so the text still names the same instant.
      const minutes = Math.round(ms / 60_000);
      offset = { ...fixedOffset(minutes), ms };
      offsets.set(key, offset);
    }
    return offset;
  }

  function instantOf(wallMs: number): number {
    const guess = wallMs - offsetAt(wallMs).ms;
    const earlier = wallMs - offsetAt(guess - 24 * 60 * 60 * 1000).ms;
    if (earlier + offsetAt(earlier).ms === wallMs) return earlier;
    const later = wallMs - offsetAt(guess + 24 * 60 * 60 * 1000).ms;
    return later + offsetAt(later).ms === wallMs ? later : earlier;
  }

  return {
    name,
    format(epochMs) {
      let offset = offsetAt(epochMs);
      if (epochMs + offset.writtenMs >= year10000) offset = fixedOffset(epochMs < year10000 ? 0 : -14 * 60);
      return localTime(epochMs + offset.writtenMs) + offset.text;
    },
    startOfDay: (year, month, day) => instantOf(Date.UTC(year, month - 1, day)),
    instantOf,
  };
}

const dayMs = 24 * 60 * 60 * 1000;
const digits = (count: number, length: number) =>
  Array.from({ length: count }, (_, number) => String(number).padStart(length, '0'));
const twoDigits = digits(60, 2);
const threeDigits = digits(1000, 3);

/**
 * @returns a function that writes a local time, given as if it were UTC, as `toISOString` without the `Z`. Times of one
 * collection are often of one day, so the date of the last one is kept
 */
function localTimes(): (wallMs: number) => string {
  let knownDay = Number.NaN;
  let date = '';
  return (wallMs) => {
    const day = Math.floor(wallMs / dayMs);
    if (day !== knownDay) {
      date = new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length);
      knownDay = day;
    }
    const ofDay = wallMs - day * dayMs;
    const seconds = Math.floor(ofDay / 1000);
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const [hour, minute] = [twoDigits[hours]!, twoDigits[minutes - hours * 60]!];
    return `${date}${hour}:${minute}:${twoDigits[seconds - minutes * 60]!}.${threeDigits[ofDay - seconds * 1000]!}`;
  };
}

function fixedOffset(minutes: number): Offset {
  return { ms: minutes * 60_000, writtenMs: minutes * 60_000, text: offsetText(minutes) };
}

function computeOffset(format: Intl.DateTimeFormat, epochMs: number): number {
  const parts: Record<string, number> = {};
  let era = 'AD';
  for (const { type, value } of format.formatToParts(epochMs)) {
    if (type === 'era') era = value;
    else if (type !== 'literal') parts[type] = Number(value);
  }
  const wall = new Date(0);
  wall.setUTCFullYear(era === 'BC' ? 1 - parts.year! : parts.year!, parts.month! - 1, parts.day!);
  wall.setUTCHours(parts.hour!, parts.minute!, parts.second!);
  return wall.getTime() - epochMs;
}

function offsetText(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** Whether a name is an IANA zone or an alias, in the spelling of the tz database. */
export function isZoneName(name: string): boolean {
  return zoneNames().has(name);
}
