// What each kind of attribute accepts, refuses, stores and writes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Kind, Stored } from '../../src/model/kind.ts';
import * as kind from '../../src/model/kinds.ts';
import { zone } from '../../src/model/zone.ts';

const utc = zone('UTC');
const fox = '🦊';

type Case = readonly [value: unknown, outcome: string | { stored: Stored }];

/** A value that is stored unchanged. */
const kept = (...values: Stored[]): Case[] => values.map((value) => [value, { stored: value }]);
const refused = (violation: string, ...values: unknown[]): Case[] =>
  values.map((value) => [value, violation]);

const notText = refused('is not a string', 1, true, {}, ['a'], 1.5);
const notStorable = refused('contains characters that are not allowed', 'a\0', '\0', '\ud800', 'a\udc00b');

const { dnsLabel, email, personName, url, timeZone, locale, integer, boolean, timestamp, anyJson, flags } =
  kind;
const powers = kind.subsetOf(['manage_users', 'manage_organizations', 'manage_security']);
const bytes = (count: number) => 'x'.repeat(count - 2);

const cases: Readonly<Record<string, readonly [Kind, readonly Case[]]>> = {
  email: [
    email,
    [
      ...kept(
        'ann@email.com',
        'Ann.Other+tag@Email.COM',
        'a@b',
        "o'hara@x-y.org",
        'änn@bücher.example',
        '1@2.3',
      ),
      ...kept(`${'a'.repeat(64)}@email.com`, `a@${'b'.repeat(60)}.${`${'c'.repeat(60)}.`.repeat(3)}com`),
      ...refused("can't be blank", '', ' ', '\t\n', '\u00a0'),
      ...refused('is not an email', 'ann', '@', 'ann@', '@email.com', 'a@b@c', 'a b@c.d', 'a@b c', 'a@b..c'),
      ...refused(
        'is not an email',
        ' ann@email.com',
        'ann@email.com ',
        'ann@email.com\n',
        'a@.b',
        'a@b.',
        'a@-b',
      ),
      ...refused(
        'is not an email',
        'a@b-',
        'Ann <ann@email.com>',
        'a,b@c.d',
        '"a"@b.c',
        'a@[127.0.0.1]',
        'a@b_c',
      ),
      ...refused('is not an email', `${'a'.repeat(65)}@email.com`, `a@${'b'.repeat(64)}.com`),
      ...refused('is not an email', `a@${`${'b'.repeat(62)}.`.repeat(4)}com`),
      ...notText,
      ...notStorable,
    ],
  ],
  'a DNS label': [
    dnsLabel,
    [
      ...kept('a', '7', 'acme', 'acme-24', 'a--b', 'xn--bcher-kva', 'a'.repeat(63)),
      ['ACME-24', { stored: 'acme-24' }],
      ...refused('is too long (maximum is 63 characters)', 'a'.repeat(64)),
      ...refused(
        'may contain only letters, digits and hyphens, and hyphens only between them',
        '',
        '-a',
        'a-',
        'a.b',
        'a_b',
        'a b',
        'bücher',
        'acme\n',
      ),
      ...notText,
      ...notStorable,
    ],
  ],
  'a name': [
    personName,
    [
      ...kept('A', ' Ann ', 'Ann Marie', "O'Hara", '李', fox, 'a'.repeat(255), fox.repeat(255)),
      ...refused("can't be blank", '', ' ', '\t', '\n', '\u00a0', '\u3000', '\ufeff'),
      ...refused('is too long (maximum is 255 characters)', 'a'.repeat(256), fox.repeat(256)),
      ...notText,
      ...notStorable,
    ],
  ],
  'a URL': [
    url,
    [
      ...kept('http://example.com', 'https://example.com/a?b=c#d', 'HTTPS://EXAMPLE.COM', 'http://[::1]:80/'),
      ...kept(`https://example.com/${'a'.repeat(2028)}`),
      ...refused('is too long (maximum is 2048 characters)', `https://example.com/${'a'.repeat(2029)}`),
      ...refused(
        'is not an absolute http(s) URL',
        '',
        ' ',
        'example.com',
        '/a',
        '//example.com',
        'ftp://a.b',
        'http:',
      ),
      ...refused(
        'is not an absolute http(s) URL',
        'http://',
        'http:///a',
        'http://a b',
        'http://a\n',
        'javascript:1',
      ),
      ...notText,
      ...notStorable,
    ],
  ],
  'a time zone': [
    timeZone,
    [
      ...kept('UTC', 'Europe/Zagreb', 'Asia/Calcutta', 'US/Eastern'),
      ...refused('is not included in the list', '', 'Mars/Phobos', 'europe/zagreb', '+01:00'),
      ...notText,
    ],
  ],
  'a locale': [
    locale,
    [
      ...kept(
        'en_US',
        'hr_HR',
        'de_CH',
        'zh_CN',
        'pt_BR',
        'fil_PH',
        'es_419',
        'en_001',
        'zh_Hans_CN',
        'sr_Latn_RS',
      ),
      ['en-US', { stored: 'en_US' }],
      ['es-419', { stored: 'es_419' }],
      ['zh-Hans_CN', { stored: 'zh_Hans_CN' }],
      ...refused('is not included in the list', '', 'en', 'en_us', 'EN_US', 'en_USA', 'en_ZZ', 'en_XX'),
      ...refused(
        'is not included in the list',
        'xx_US',
        'qqq_US',
        'en_US ',
        'en_US\n',
        'zh_Hans',
        'zh_hans_CN',
        'zh_Zzzz_CN',
        'zh_Abcd_CN',
        'es_999',
        'es_41',
        'en--US',
        'en_US_POSIX',
      ),
      ...notText,
    ],
  ],
  'an integer': [
    integer,
    [
      ...kept(0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
      [JSON.rawJSON('2.0'), { stored: 2 }],
      [JSON.rawJSON('1e3'), { stored: 1000 }],
      [JSON.rawJSON('-0'), { stored: 0 }],
      ...refused(
        'is not an integer',
        1.5,
        2 ** 53,
        1e300,
        Number.NaN,
        Infinity,
        '1',
        true,
        [],
        {},
        JSON.rawJSON('9007199254740993'),
        JSON.rawJSON('1.0000000000000000001'),
        JSON.rawJSON('1.50'),
        JSON.rawJSON('"1"'),
        JSON.rawJSON('null'),
      ),
    ],
  ],
  'an id': [
    kind.identifier,
    [
      ...kept(1, Number.MAX_SAFE_INTEGER),
      ['42', { stored: 42 }],
      ...refused('is not an id', 0, -1, 1.5, 2 ** 53, '', '0', '-1', '1.0', '01', ' 1', '1e3', true, [], {}),
    ],
  ],
  'a boolean': [
    boolean,
    [...kept(true, false), ...refused('is not a boolean', 'true', 'false', 0, 1, '', [], {})],
  ],
  'a time': [
    timestamp,
    [
      ['2026-03-17T05:04:00.843+01:00', { stored: Date.parse('2026-03-17T04:04:00.843Z') }],
      ['2026-03-17', { stored: Date.parse('2026-03-17T00:00:00.000Z') }],
      ...refused('is not a time', '', 'now', '2026-02-30', 1773720240843, true, {}, ['2026-03-17']),
    ],
  ],
  'any JSON': [
    anyJson,
    [
      [{ b: 1, a: [null, true, 'x'] }, { stored: '{"b":1,"a":[null,true,"x"]}' }],
      [false, { stored: 'false' }],
      [0, { stored: '0' }],
      ['', { stored: '""' }],
      [[], { stored: '[]' }],
      [JSON.rawJSON('12345678901234567890'), { stored: '12345678901234567890' }],
      [bytes(65_536), { stored: JSON.stringify(bytes(65_536)) }],
      ...refused(
        'is too large (maximum is 65536 bytes)',
        bytes(65_537),
        'ä'.repeat(32_768),
        Array(32_769).fill(1),
      ),
    ],
  ],
  flags: [
    flags,
    [
      [{}, { stored: '{}' }],
      [{ beta: true, name: 'x', level: 1.5 }, { stored: '{"beta":true,"name":"x","level":1.5}' }],
      [{ big: JSON.rawJSON('12345678901234567890') }, { stored: '{"big":12345678901234567890}' }],
      ...refused('is not an object', [], 'beta', 1, true, [{ beta: true }], JSON.rawJSON('9')),
      ...refused(
        'may contain only booleans, strings and numbers',
        { a: null },
        { a: {} },
        { a: [] },
        { a: 1, b: [1] },
      ),
    ],
  ],
  'powers of a list': [
    powers,
    [
      [[], { stored: '[]' }],
      [['manage_security', 'manage_users'], { stored: '["manage_users","manage_security"]' }],
      [['manage_users', 'manage_users'], { stored: '["manage_users"]' }],
      ...refused('is not an array', 'manage_users', {}, 1, { 0: 'manage_users', length: 1 }),
      ...refused(
        'is not included in the list',
        ['x'],
        ['manage_users', null],
        [['manage_users']],
        ['MANAGE_USERS'],
      ),
    ],
  ],
};

for (const [name, [checked, values]] of Object.entries(cases)) {
  test(`what a document may hold as ${name}`, () => {
    for (const [value, outcome] of values) {
      const expected = typeof outcome === 'string' ? { violations: [outcome] } : { value: outcome.stored };
      const shown = inspect(value, { maxStringLength: 60, maxArrayLength: 3 });
      assert.deepEqual(checked.check(value, utc), expected, shown);
    }
  });
}

for (const [name, read, texts, expected] of [
  ['an integer', integer, ['0', '-1', '00', '9007199254740991'], [0, -1, 0, 9007199254740991]],
  ['an id', kind.identifier, ['1', '42'], [1, 42]],
  ['a boolean', boolean, ['true', 'false'], [true, false]],
  ['text', personName, ['', 'x', 'Ann', 'e\u0301'], ['', 'x', 'Ann', 'é']],
  ['a locale', locale, ['en_US', 'zh-Hans-CN'], ['en_US', 'zh_Hans_CN']],
  ['a text of a list', kind.oneOf(['red', 'blue']), ['red', 'blue'], ['red', 'blue']],
  ['a time', timestamp, ['2026-03-17T00:00Z'], [Date.parse('2026-03-17T00:00Z')]],
] as const) {
  test(`a filter may say ${texts.join()} of ${name}`, () => {
    const values = texts.map((text) => read.readFilter(text, utc));
    assert.deepEqual(
      values,
      expected.map((exact) => ({ exact })),
    );
  });
}

for (const [name, read, texts] of [
  [
    'an integer',
    integer,
    ['', ' ', 'x', '1.0', '1e3', '+1', '0x1', '9007199254740992', '1 ', '1\n', '١', '--1'],
  ],
  ['a boolean', boolean, ['', '2', '01', '1.0', 't', 'yes', 'on', 'null', 'true ', ' true', '１']],
  ['a text of a list', kind.oneOf(['red', 'blue']), ['', 'green', 'Red', 'red ']],
  ['a time', timestamp, ['', 'now', '1', '2026-02-30', '2026']],
  ['text', personName, ['a\0', '\ud800']],
  ['JSON', anyJson, ['{}', '1']],
] as const) {
  test(`a filter may not say ${JSON.stringify(texts)} of ${name}`, () => {
    for (const text of texts) assert.equal(read.readFilter(text, utc), undefined, text);
  });
}

test('a day in a filter stands for all of it', () => {
  const from = Date.parse('2026-03-17T00:00Z');
  const interval = { from, until: from + 24 * 60 * 60 * 1000, day: true };
  assert.deepEqual(timestamp.readFilter('2026-03-17', utc), { interval });
});

test('every kind writes what it kept as JSON', () => {
  assert.equal(kind.identifier.write(42, utc), '"42"');
  assert.equal(kind.numericIdentifier.write(42, utc), '42');
  assert.equal(integer.write(-42, utc), '-42');
  assert.equal(boolean.write(true, utc), 'true');
  assert.equal((boolean as Kind).write(0, utc), 'false');
  assert.equal(personName.write('"a\\b"\n\u2028', utc), JSON.stringify('"a\\b"\n\u2028'));
  assert.equal(timestamp.write(0, zone('Europe/Zagreb')), '"1970-01-01T01:00:00.000+01:00"');
  assert.equal(anyJson.write('{"b":1.0}', utc), '{"b":1.0}');
});
