import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isZoneName, latestInstant, zone } from '../../src/model/zone.ts';
import { zoneNames } from '../../src/model/zone-names.ts';

/** Instants and local times as ISO 8601, so that the tables below can be checked with any other clock. */
const at = (text: string) => Date.parse(text);
const wall = (text: string) => Date.parse(`${text}Z`);
const utc = (ms: number) => new Date(ms).toISOString();

for (const [name, instant, expected] of [
  ['UTC', '2026-03-17T04:04:00.843Z', '2026-03-17T04:04:00.843+00:00'],
  ['Europe/Zagreb', '2026-03-17T04:04:00.843Z', '2026-03-17T05:04:00.843+01:00'],
  // The clock is set forward, and back.
  ['Europe/Zagreb', '2026-03-29T00:59:59.999Z', '2026-03-29T01:59:59.999+01:00'],
  ['Europe/Zagreb', '2026-03-29T01:00:00.000Z', '2026-03-29T03:00:00.000+02:00'],
  ['Europe/Zagreb', '2026-10-25T00:59:59.999Z', '2026-10-25T02:59:59.999+02:00'],
  ['Europe/Zagreb', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000+01:00'],
  ['America/New_York', '2026-03-08T06:59:59.999Z', '2026-03-08T01:59:59.999-05:00'],
  ['America/New_York', '2026-03-08T07:00:00.000Z', '2026-03-08T03:00:00.000-04:00'],
  // Summer time of half an hour, and offsets that are not whole hours.
  ['Australia/Lord_Howe', '2026-04-04T14:59:59.999Z', '2026-04-05T01:59:59.999+11:00'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00.000Z', '2026-04-05T01:30:00.000+10:30'],
  ['Asia/Kathmandu', '2026-01-01T00:00:00.000Z', '2026-01-01T05:45:00.000+05:45'],
  ['Pacific/Chatham', '2026-01-01T00:00:00.000Z', '2026-01-01T13:45:00.000+13:45'],
  ['America/St_Johns', '2026-01-01T00:00:00.000Z', '2025-12-31T20:30:00.000-03:30'],
  // 30 December 2011 was skipped.
  ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29T23:59:59.999-10:00'],
  ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31T00:00:00.000+14:00'],
  // Before 1970, and before 1900.
  ['UTC', '1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999+00:00'],
  ['Europe/London', '1968-12-25T12:00:00.000Z', '1968-12-25T13:00:00.000+01:00'],
  // If local time is already in the year 10000, another offset is used for the same instant.
  ['UTC', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999+00:00'],
  ['Asia/Tokyo', '9999-12-31T14:59:59.999Z', '9999-12-31T23:59:59.999+09:00'],
  ['Asia/Tokyo', '9999-12-31T15:00:00.000Z', '9999-12-31T15:00:00.000+00:00'],
  ['Etc/GMT+12', '9999-12-31T23:59:59.999-12:00', '9999-12-31T23:59:59.999-12:00'],
  ['Asia/Tokyo', '9999-12-31T23:59:59.999-12:00', '9999-12-31T21:59:59.999-14:00'],
  ['UTC', '0101-02-03T04:05:06.007Z', '0101-02-03T04:05:06.007+00:00'],
] as const) {
  test(`writes ${instant} as ${expected} in ${name}`, () => {
    assert.equal(zone(name).format(at(instant)), expected);
  });
}

test('writes the same whichever instant of a quarter hour came first', () => {
  const fresh = (instant: string) => zone('Europe/Zagreb').format(at(instant));
  const used = zone('Europe/Zagreb');
  for (const instant of ['2026-03-29T01:14:59.999Z', '2026-03-29T01:00:00.000Z', '2026-03-29T00:45:00.000Z'])
    assert.equal(used.format(at(instant)), fresh(instant));
});

test('what is written names the instant that it was written for, in any zone and century', () => {
  const names = [
    ...['UTC', 'Europe/Zagreb', 'Europe/Amsterdam', 'Europe/Dublin', 'America/New_York', 'America/Sao_Paulo'],
    ...['Africa/Monrovia', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'],
  ];
  const zones = new Map(names.map((name) => [name, zone(name)]));
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.integer({ min: at('0101-01-01T00:00Z'), max: latestInstant }),
      (name, instant) => {
        const written = zones.get(name)!.format(instant);
        assert.match(written, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
        assert.equal(utc(at(written)), utc(instant), written);
      },
    ),
    { numRuns: 2000 },
  );
});

for (const [name, local, expected, why] of [
  ['UTC', '2026-03-17T05:04', '2026-03-17T05:04', 'as it is'],
  ['Europe/Zagreb', '2026-03-17T05:04', '2026-03-17T04:04', 'an hour behind'],
  ['America/New_York', '2026-01-01T00:00', '2026-01-01T05:00', 'five hours ahead'],
  ['Europe/Zagreb', '2026-03-29T01:59:59.999', '2026-03-29T00:59:59.999', 'the last moment before the gap'],
  ['Europe/Zagreb', '2026-03-29T03:00', '2026-03-29T01:00', 'the first moment after the gap'],
  ['America/New_York', '2026-03-08T01:59', '2026-03-08T06:59', 'before the gap'],
  ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00', 'after the gap'],
  ['Europe/Zagreb', '2026-10-25T01:59', '2026-10-24T23:59', 'before the overlap'],
  ['Europe/Zagreb', '2026-10-25T02:00', '2026-10-25T00:00', 'the earlier of two'],
  ['Europe/Zagreb', '2026-10-25T02:59:59.999', '2026-10-25T00:59:59.999', 'the earlier of two'],
  ['Europe/Zagreb', '2026-10-25T03:00', '2026-10-25T02:00', 'after the overlap'],
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30', 'the earlier of two'],
  ['America/New_York', '2026-11-01T02:00', '2026-11-01T07:00', 'after the overlap'],
  ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45', 'the earlier of two, half an hour apart'],
  // A local time in a gap is read with the offset before the gap, as in RFC 5545 and Temporal ("compatible").
  ['Europe/Zagreb', '2026-03-29T02:30', '2026-03-29T01:30', 'as late again after the gap'],
  ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:30', 'as late again after the gap'],
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45', 'as late again after the gap'],
  ['America/Santiago', '2026-09-06T00:30', '2026-09-06T04:30', 'as late again after the gap'],
] as const) {
  test(`takes ${local} in ${name} for ${expected} UTC: ${why}`, () => {
    assert.equal(utc(zone(name).instantOf(wall(local))), utc(wall(expected)));
  });
}

for (const [name, day, expected, why] of [
  ['UTC', '2026-03-17', '2026-03-17T00:00', 'midnight'],
  ['Europe/Zagreb', '2026-03-29', '2026-03-28T23:00', 'midnight, of a day of 23 hours'],
  ['Europe/Zagreb', '2026-03-30', '2026-03-29T22:00', 'midnight'],
  ['Europe/Zagreb', '2026-10-26', '2026-10-25T23:00', 'midnight, after a day of 25 hours'],
  ['America/New_York', '2026-11-02', '2026-11-02T05:00', 'midnight'],
  ['America/Havana', '2026-11-01', '2026-11-01T04:00', 'the first of two midnights'],
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00', 'at 01:00, as midnight was skipped'],
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00', 'at 01:00, as midnight was skipped'],
  ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00', 'at 01:00, as midnight was skipped'],
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00', 'at 01:00, as midnight was skipped'],
  ['America/Sao_Paulo', '2019-02-17', '2019-02-17T03:00', 'after the hour before it came twice'],
  ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00', 'midnight'],
  ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00', 'with the next day, as it did not take place'],
  ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00', 'midnight'],
] as const) {
  test(`begins ${day} in ${name} at ${expected} UTC: ${why}`, () => {
    const [year, month, date] = day.split('-').map(Number);
    assert.equal(utc(zone(name).startOfDay(year!, month!, date!)), utc(wall(expected)));
  });
}

test('days follow each other without a gap and each instant stands in the day that its text says', () => {
  const dayMs = 24 * 60 * 60 * 1000;
  for (const name of ['Europe/Zagreb', 'America/Santiago', 'Asia/Beirut', 'Africa/Cairo', 'America/Havana']) {
    const { startOfDay, format } = zone(name);
    for (let day = at('2026-01-01T00:00Z'); day < at('2027-01-01T00:00Z'); day += dayMs) {
      const date = new Date(day);
      const start = startOfDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
      const text = utc(day).slice(0, 10);
      assert.equal(format(start).slice(0, 10), text, `${name} ${text}`);
      assert.equal(format(start - 1).slice(0, 10), utc(day - dayMs).slice(0, 10), `${name} ${text}`);
    }
  }
});

for (const [name, known] of [
  ...['UTC', 'Europe/Zagreb', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'GMT'].map(
    (n) => [n, true] as const,
  ),
  // Replaced names are still valid.
  ...['US/Eastern', 'Asia/Calcutta', 'Asia/Kolkata', 'Europe/Kyiv', 'Zulu'].map((n) => [n, true] as const),
  ...['europe/zagreb', 'EUROPE/ZAGREB', 'us/eastern', 'utc'].map((n) => [n, false] as const),
  ...[
    '',
    ' ',
    'Mars/Phobos',
    '+01:00',
    '-05:00',
    'Europe/Zagreb ',
    ' UTC',
    'Europe',
    'UTC+1',
    '__proto__',
    'a/b',
  ].map((n) => [n, false] as const),
] as const) {
  test(`${known ? 'knows' : 'does not know'} ${JSON.stringify(name)} as a time zone`, () => {
    assert.equal(isZoneName(name), known);
  });
}

test('knows every time zone that the runtime knows, in its own spelling', () => {
  for (const name of zoneNames()) assert.doesNotThrow(() => zone(name), name);
  for (const name of Intl.supportedValuesOf('timeZone')) assert.ok(isZoneName(name), name);
  // Temporal preserves the name of a link and corrects its case, but not every supported Node has it.
  const { Temporal } = globalThis as { Temporal?: any };
  if (Temporal === undefined) return;
  for (const name of zoneNames()) assert.equal(new Temporal.ZonedDateTime(0n, name).timeZoneId, name);
});

test('refuses to make a zone that the runtime does not know', () => {
  assert.throws(() => zone('Mars/Phobos'), RangeError);
});
