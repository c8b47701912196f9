import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timestamp } from '../../src/model/kinds.ts';
import { readTimestamp } from '../../src/model/timestamp.ts';
import { zone } from '../../src/model/zone.ts';

const zagreb = zone('Europe/Zagreb');
const utc = (ms: number) => new Date(ms).toISOString();

for (const [text, instant] of [
  ['2026-03-17T05:04:00.843+01:00', '2026-03-17T04:04:00.843Z'],
  ['2026-03-17T05:04:00.843Z', '2026-03-17T05:04:00.843Z'],
  ['2026-03-17T05:04:00Z', '2026-03-17T05:04:00.000Z'],
  ['2026-03-17T05:04Z', '2026-03-17T05:04:00.000Z'],
  ['2026-03-17T05:04:00+0530', '2026-03-16T23:34:00.000Z'],
  ['2026-03-17T05:04:00-11:30', '2026-03-17T16:34:00.000Z'],
  ['2026-03-17T05:04:00-00:00', '2026-03-17T05:04:00.000Z'],
  ['2026-03-17T05:04:00+14:00', '2026-03-16T15:04:00.000Z'],
  // A plus sign that was not percent-encoded.
  ['2026-03-17T05:04:00 01:00', '2026-03-17T04:04:00.000Z'],
  // Digits after milliseconds are truncated, not rounded, so the result is never in the future.
  ['2026-03-17T05:04:00.1Z', '2026-03-17T05:04:00.100Z'],
  ['2026-03-17T05:04:00.12Z', '2026-03-17T05:04:00.120Z'],
  ['2026-03-17T05:04:00.123999999Z', '2026-03-17T05:04:00.123Z'],
  // As Go, Python and databases write times.
  ['2026-03-17 05:04:00.843+01:00', '2026-03-17T04:04:00.843Z'],
  ['2026-03-17 05:04:00Z', '2026-03-17T05:04:00.000Z'],
  ['2026-03-17 05:04:00', '2026-03-17T04:04:00.000Z'],
  ['2026-03-17 05:04', '2026-03-17T04:04:00.000Z'],
  ['2026-03-17t05:04:00z', '2026-03-17T05:04:00.000Z'],
  ['2026-03-17T05:04:00z', '2026-03-17T05:04:00.000Z'],
  ['2026-03-17T05:04:00+05', '2026-03-17T00:04:00.000Z'],
  ['2026-03-17T05:04:00-05', '2026-03-17T10:04:00.000Z'],
  ['2026-03-17 05:04:00.5-11', '2026-03-17T16:04:00.500Z'],
  ['2026-03-17 05:04 05', '2026-03-17T00:04:00.000Z'],
  ['2026-03-17 05:04:00 0530', '2026-03-16T23:34:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['9999-12-31T23:59:59.999-12:00', '+010000-01-01T11:59:59.999Z'],
  // Without an offset: local time in the zone.
  ['2026-03-17T05:04:00', '2026-03-17T04:04:00.000Z'],
  ['2026-07-17T05:04', '2026-07-17T03:04:00.000Z'],
  ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2000-02-29T23:59:59.999Z', '2000-02-29T23:59:59.999Z'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
] as const) {
  test(`reads ${text} as the instant ${instant}`, () => {
    const from = Date.parse(instant);
    assert.deepEqual(readTimestamp(text, zagreb), { from, until: from, day: false });
  });
}

for (const [name, day, from, until] of [
  ['UTC', '2026-03-17', '2026-03-17T00:00:00.000Z', '2026-03-18T00:00:00.000Z'],
  ['Europe/Zagreb', '2026-03-17', '2026-03-16T23:00:00.000Z', '2026-03-17T23:00:00.000Z'],
  // Days of 23 and 25 hours.
  ['Europe/Zagreb', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['Europe/Zagreb', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  ['America/New_York', '2026-12-31', '2026-12-31T05:00:00.000Z', '2027-01-01T05:00:00.000Z'],
  ['UTC', '9999-12-31', '9999-12-31T00:00:00.000Z', '+010000-01-01T00:00:00.000Z'],
  ['Pacific/Honolulu', '9999-12-31', '9999-12-31T10:00:00.000Z', '+010000-01-01T10:00:00.000Z'],
  ['UTC', '2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
  ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
  // A day that was skipped is an empty interval.
  ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
] as const) {
  test(`reads ${day} in ${name} as all from ${from} to ${until}`, () => {
    const interval = readTimestamp(day, zone(name))!;
    assert.deepEqual([utc(interval.from), utc(interval.until), interval.day], [from, until, true]);
  });
}

for (const text of [
  ...['', ' ', 'now', 'today', '1773720240843', '2026', '2026-03', '2026-3-17', '20260317', '17.03.2026'],
  ...['2026-00-01', '2026-13-01', '2026-01-00', '2026-01-32', '2026-02-29', '2026-02-30', '2026-04-31'],
  ...[
    '1900-02-29',
    '2026-03-17T',
    '2026-03-17Z',
    '2026-03-17+01:00',
    '2026-03-17  05:04',
    '2026-03-17\t05:04',
    '2026-03-17 05',
    '2026-03-17 05:04:00 +01:00',
    '2026-03-17 ',
  ],
  ...['2026-03-17T05', '2026-03-17T05Z', '2026-03-17T24:00', '2026-03-17T05:60', '2026-03-17T05:04:60Z'],
  ...['2026-03-17T05:04:00.Z', '2026-03-17T05:04:00,5Z', '2026-03-17T05:04:00.1234567890Z'],
  ...[
    '2026-03-17T05:04:00+1',
    '2026-03-17T05:04:00+16',
    '2026-03-17T05:04:00+01:',
    '2026-03-17T05:04:00+013',
    '2026-03-17T24:00:00Z',
    '2016-12-31T23:59:60Z',
    '2026-03-17T05:04:00+16:00',
    '2026-03-17T05:04+01:60',
  ],
  ...['+002026-03-17', '-2026-03-17', '12026-03-17', '2026-W12-2', '2026-076', ' 2026-03-17', '2026-03-17 '],
  ...['2026-03-17\n', '2026-03-17T05:04:00Z\u0000', '２０２６-03-17', '2026-03-17T05:04:00[Europe/Zagreb]'],
]) {
  test(`reads no time from ${JSON.stringify(text)}`, () => {
    assert.equal(readTimestamp(text, zagreb), undefined);
  });
}

test('a time that was taken is written so that it can be sent back', () => {
  const two = (max: number, min = 0) => fc.integer({ min, max }).map((n) => String(n).padStart(2, '0'));
  const text = fc
    .tuple(fc.integer({ min: 101, max: 9999 }), two(12, 1), two(31, 1), two(23), two(59), two(59), two(14))
    .chain(([year, month, day, hour, minute, second, offset]) =>
      fc
        .constantFrom('Z', `+${offset}:00`, `-${offset}:45`, '', 'day')
        .map((end) =>
          end === 'day'
            ? `${String(year).padStart(4, '0')}-${month}-${day}`
            : `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}${end}`,
        ),
    );
  const zones = ['UTC', 'Europe/Zagreb', 'Pacific/Apia', 'America/St_Johns'].map(zone);
  fc.assert(
    fc.property(text, fc.constantFrom(...zones), (sent, inZone) => {
      const taken = timestamp.check(sent, inZone);
      if ('violations' in taken) return;
      const written = JSON.parse(timestamp.write(taken.value, inZone));
      assert.match(written, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
      assert.deepEqual(timestamp.check(written, inZone), taken);
    }),
    {
      numRuns: 2000,
      examples: [
        ['9999-12-31T23:59:59-14:00', zones[0]!],
        ['9999-12-31', zones[2]!],
      ],
    },
  );
});
