import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attributes, readAttributes, readDocument } from '../../src/jsonapi/read-document.ts';
import type { Attribute } from '../../src/model/attribute.ts';
import { type AudienceOf, audienceSet } from '../../src/model/audience.ts';
import * as kind from '../../src/model/kinds.ts';
import { defineResource } from '../../src/model/resource.ts';
import { zone } from '../../src/model/zone.ts';

const read = (body: string | Buffer | null, id: number | null = 7) =>
  readDocument(typeof body === 'string' ? Buffer.from(body) : body, { type: 'things', id });

const withData = (members: string) => `{"data":{"type":"things"${members}}}`;
const nested = (depth: number) => withData(`,"attributes":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);

for (const [title, body, expected] of [
  ['attributes', withData(',"attributes":{"a":1,"b":null}'), { a: 1, b: null }],
  ['the id of the URL', withData(',"id":"7","attributes":{"a":1}'), { a: 1 }],
  ['no attributes', withData(''), {}],
  [
    'members that are of no interest',
    '{"jsonapi":{},"data":{"type":"things","links":{},"x":1},"meta":1}',
    {},
  ],
  ['white space around it', ` \r\n\t${withData(',"attributes":{"a":1}')}\n`, { a: 1 }],
  [
    'brackets in strings',
    withData(`,"attributes":{"a":"${'['.repeat(100)}\\"${'{'.repeat(100)}"}`),
    undefined,
  ],
  ['64 levels', nested(61), undefined],
] as const) {
  test(`takes a document with ${title}`, () => {
    const attributes = read(body);
    if (expected !== undefined) assert.deepEqual({ ...attributes }, expected);
  });
}

for (const [title, body, pointer] of [
  ['no body', null, ''],
  ['an empty body', '', ''],
  ['white space', '  ', ''],
  ['no JSON', '{', ''],
  ['a byte order mark alone', '\ufeff', ''],
  ['two byte order marks', `\ufeff\ufeff${withData('')}`, ''],
  ['UTF-16', Buffer.from(`\ufeff${withData('')}`, 'utf16le'), ''],
  ['what is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), ''],
  ['65 levels', nested(62), ''],
  ['a million levels', '['.repeat(1_000_000), ''],
  ['1e309', withData(',"attributes":{"a":1e309}'), ''],
  ['-1e400, deep within', withData(',"attributes":{"a":[{"b":-1e400}]}'), ''],
  ['null', 'null', ''],
  ['an array', '[]', ''],
  ['a long number', '12345678901234567890', ''],
  ['no data', '{}', 'data'],
  ['null as data', '{"data":null}', 'data'],
  ['an array as data', '{"data":[]}', 'data'],
  ['a long number as data', '{"data":12345678901234567890}', 'data'],
  ['no type', '{"data":{}}', 'data/type'],
  ['a number as type', '{"data":{"type":1}}', 'data/type'],
  ['a number as id', withData(',"id":7'), 'data/id'],
  ['null as id', withData(',"id":null'), 'data/id'],
  ['null as attributes', withData(',"attributes":null'), 'data/attributes'],
  ['an array as attributes', withData(',"attributes":[]'), 'data/attributes'],
  ['a string as relationships', withData(',"relationships":"x"'), 'data/relationships'],
  ['a string as links', withData(',"links":"x"'), 'data/links'],
  ['a number as meta', withData(',"meta":1'), 'data/meta'],
] as const) {
  test(`refuses ${title} as malformed`, () => {
    assert.throws(
      () => read(body),
      (error: any) => {
        assert.equal(error.code, 'malformed_document');
        assert.deepEqual(error.errors[0].source, { pointer });
        return true;
      },
    );
  });
}

for (const [title, body, id, code, pointer] of [
  ['another type', '{"data":{"type":"people"}}', 7, 'resource_conflict', 'data/type'],
  ['another id', withData(',"id":"8"'), 7, 'resource_conflict', 'data/id'],
  ['the id with a zero before it', withData(',"id":"07"'), 7, 'resource_conflict', 'data/id'],
  ['another type of a new one', '{"data":{"type":"people"}}', null, 'resource_conflict', 'data/type'],
  ['an id that the client chose', withData(',"id":"7"'), null, 'access_denied', 'data/id'],
  ['an empty id that the client chose', withData(',"id":""'), null, 'access_denied', 'data/id'],
] as const) {
  test(`refuses ${title} as ${code}`, () => {
    assert.throws(
      () => read(body, id),
      (error: any) => error.code === code && error.errors[0].source.pointer === pointer,
    );
  });
}

test('keys that mean something to JavaScript are keys like any other', () => {
  const attributes = read(withData(',"attributes":{"__proto__":{"x":1},"constructor":2,"toString":3}'));
  assert.deepEqual(Object.keys(attributes), ['__proto__', 'constructor', 'toString']);
  assert.equal(({} as any).x, undefined);
});

const attribute = (given: Partial<Attribute>): Attribute => ({
  ...{ kind: kind.personName, description: 'A name.', read: 'everyone' },
  ...given,
});
const things = defineResource({
  type: 'things',
  singular: 'thing',
  audiences: { self: 'its owner', manager: 'who manages things', security: 'who guards things' },
  search: [],
  attributes: {
    own: attribute({ update: ['self'] }),
    managed: attribute({ create: ['manager'], update: ['self', 'manager'], required: true }),
    optional: attribute({ create: ['manager'], update: ['manager'], nullable: true }),
    fixed: attribute({}),
  },
});

function changes(attributes: Attributes, ...members: AudienceOf<typeof things>[]) {
  const options = { action: 'update', by: audienceSet(things, ...members), zone: zone('UTC') } as const;
  return summary(readAttributes(attributes, things, options));
}

function creation(attributes: Attributes, extra: readonly string[] = []) {
  const options = {
    action: 'create',
    by: audienceSet(things, 'manager'),
    zone: zone('UTC'),
    extra,
  } as const;
  return summary(readAttributes(attributes, things, options));
}

function summary({ values, violations }: ReturnType<typeof readAttributes>) {
  const broken = violations.map(({ code, detail, source }) => `${code} ${source.pointer} ${detail}`);
  return { values: { ...values }, broken };
}

test('takes what the caller may write, and ignores the rest', () => {
  const sent = { own: 'a', managed: 'b', optional: 'c', fixed: 'd' };
  assert.deepEqual(changes(sent, 'self'), { values: { own: 'a', managed: 'b' }, broken: [] });
  assert.deepEqual(changes(sent, 'manager'), { values: { managed: 'b', optional: 'c' }, broken: [] });
  assert.deepEqual(changes(sent, 'self', 'manager').values, { own: 'a', managed: 'b', optional: 'c' });
  assert.deepEqual(changes(sent, 'security'), { values: {}, broken: [] });
  assert.deepEqual(changes(sent), { values: {}, broken: [] });
});

test('does not look at what it ignores', () => {
  assert.deepEqual(changes({ own: 1, fixed: {}, optional: null }, 'security'), { values: {}, broken: [] });
});

test('names every rule that is broken, each with its pointer', () => {
  assert.deepEqual(
    changes({ own: ' ', managed: 1, optional: 'c', other: 1, __proto: 1 }, 'self', 'manager'),
    {
      values: { optional: 'c' },
      broken: [
        "invalid_attribute data/attributes/own can't be blank",
        'invalid_attribute data/attributes/managed is not a string',
        'invalid_attribute data/attributes/other is not a known attribute',
        'invalid_attribute data/attributes/__proto is not a known attribute',
      ],
    },
  );
});

test('null is a value where there may be none, and else blank', () => {
  assert.deepEqual(changes({ optional: null }, 'manager'), { values: { optional: null }, broken: [] });
  assert.deepEqual(changes({ own: null }, 'self'), {
    values: {},
    broken: ["invalid_attribute data/attributes/own can't be blank"],
  });
});

test('a new one has what is required, and what stands beside the attributes is let through', () => {
  const missing = "invalid_attribute data/attributes/managed can't be blank";
  assert.deepEqual(creation({}), { values: {}, broken: [missing] });
  assert.deepEqual(creation({ managed: null }), { values: {}, broken: [missing] });
  assert.deepEqual(creation({ managed: 'a', own: 'b' }), { values: { managed: 'a' }, broken: [] });
  assert.deepEqual(creation({ managed: 'a', secret: 'x' }, ['secret']), {
    values: { managed: 'a' },
    broken: [],
  });
  assert.deepEqual(creation({ managed: 'a', secret: 'x' }).broken.length, 1);
});

test('names of JavaScript are no attributes, and a long one is cut', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'id', 'type', ''])
    assert.deepEqual(changes({ [name]: 'x' }, 'self').broken, [
      `invalid_attribute data/attributes/${name} is not a known attribute`,
    ]);
  const [long] = changes({ ['🦊'.repeat(1000)]: 'x' }, 'self').broken;
  assert.ok(long!.length < 200);
  assert.ok(long!.isWellFormed());
});
