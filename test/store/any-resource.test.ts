// A new attribute needs only an entry in the definition and a migration. Tested with attributes of every kind, in
// resources that the product does not have. Also: the message of a start when one of the two is missing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Attribute } from '../../src/model/attribute.ts';
import type { FilterOperator, Kind, Stored } from '../../src/model/kind.ts';
import * as kinds from '../../src/model/kinds.ts';
import type { Filter, Query, SortKey } from '../../src/model/query.ts';
import { defineResource, type Resource, type Row } from '../../src/model/resource.ts';
import { type Contents, openStore, product } from '../../src/open-store.ts';
import { organizationsOfUsers } from '../../src/resources/users/users.ts';
import type { Migrations } from '../../src/store/migrations/migrations.ts';
import { onTables } from '../support/database-rows.ts';
import { emptyDatabaseConfig, emptyStore, onEachEngine } from '../support/engines.ts';
import { makeTable } from '../support/toy/make-table.ts';
import { expected, type World } from './query-model.ts';

/** Two different stored values of each kind. */
const samples: readonly (readonly [name: string, kind: Kind, one: Stored, other: Stored])[] = [
  ['boolean', kinds.boolean, false, true],
  ['email', kinds.email, 'Ann@email.com', 'bob@email.com'],
  ['shared_email', kinds.sharedEmail, 'Ann@email.com', 'bob@email.com'],
  ['choice', kinds.oneOf(['red', 'blue']), 'red', 'blue'],
  ['any_json', kinds.anyJson, '[1.0]', '"null"'],
  ['changes', kinds.recordedChanges, '[]', '[{"attribute":"a","from":"changed","to":"changed"}]'],
  ['details', kinds.recordedDetails, '{}', '{"a":1}'],
  ['flags', kinds.flags, '{}', '{"a":true}'],
  ['subset', kinds.subsetOf(['red', 'blue']), '[]', '["red"]'],
  ['person_name', kinds.personName, 'Ann Lee', 'bob Ray'],
  ['person_name_or_empty', kinds.personNameOrEmpty, '', 'Ann Lee'],
  ['organization_name', kinds.organizationName, 'Acme', '100%'],
  ['dns_label', kinds.dnsLabel, 'acme', 'b-2'],
  ['identifier', kinds.identifier, 1, 2],
  ['numeric_identifier', kinds.numericIdentifier, 1, 2],
  ['integer', kinds.integer, -5, Number.MAX_SAFE_INTEGER],
  ['locale', kinds.locale, 'de_DE', 'en_US'],
  ['time_zone', kinds.timeZone, 'Europe/Zagreb', 'UTC'],
  ['secret', kinds.secret, 'one', 'other'],
  ['text', kinds.text, '', "'; --"],
  ['short_text', kinds.shortText, '', 'Firefox 150'],
  ['note', kinds.note, 'one\nother', 'x'],
  ['session_name', kinds.sessionName, 'ci', 'Phone'],
  ['url', kinds.url, 'https://a.b', 'https://c.d'],
  ['timestamp', kinds.timestamp, -1, 1_773_720_240_843],
];

/** Further values of identities, which no two records share. */
const further: Readonly<Record<string, readonly [string, string]>> = {
  email: ['c@email.com', 'd@email.com'],
  dns_label: ['c', 'd'],
};

/** Each kind twice: not nullable and nullable. */
const things = defineResource({
  type: 'things',
  singular: 'thing',
  audiences: {},
  search: ['person_name_or_null', 'organization_name', 'email_or_null'],
  attributes: Object.fromEntries(
    samples.flatMap(([name, kind]): [string, Attribute][] => {
      const attribute: Attribute = {
        kind,
        description: 'A sample.',
        read: 'everyone',
        ...(kind.operators.length > 0 && { filter: true, sort: true }),
      };
      return [
        [name, attribute],
        [`${name}_or_null`, { ...attribute, nullable: true }],
      ];
    }),
  ),
});

/** A resource without searchable text, identities, booleans and joined attributes. */
const notes = defineResource({
  type: 'notes',
  singular: 'note',
  audiences: {},
  search: [],
  attributes: {
    select: {
      kind: kinds.integer,
      nullable: true,
      read: 'everyone',
      filter: true,
      sort: true,
      description: 'X.',
    },
  },
});

const holding = (
  resource: Resource,
  migration = makeTable(resource),
  further: Migrations = {},
): Contents => ({
  resources: [...product.resources, resource],
  migrations: { ...product.migrations, [`9001-${resource.type}`]: migration, ...further },
});

const withThings = holding(things);
const withNotes = holding(notes);

test('there is a sample of every kind', () => {
  const { subsetOf, oneOf, ...others } = kinds;
  assert.deepEqual(
    new Set(Object.values(others).filter((kind) => !samples.some(([, sample]) => sample === kind))),
    new Set(),
  );
  for (const { name } of [subsetOf([]), oneOf([])]) assert.ok(samples.some(([, kind]) => kind.name === name));
});

onEachEngine((engine) => {
  /** Three rows: the first values, the other values, and null where possible. */
  async function world(t: Parameters<typeof emptyStore>[0]): Promise<World> {
    const store = await emptyStore(t, engine, withThings);
    const records = store.read.records(things as Resource);
    const row = (value: (one: Stored, other: Stored, nullable: boolean, name: string) => Stored): Row =>
      Object.fromEntries(
        samples.flatMap(([name, , one, other]) => [
          [name, value(one, other, false, name)],
          [`${name}_or_null`, value(one, other, true, name)],
        ]),
      );
    const ids = await store.write((transaction) =>
      transaction
        .records(things as Resource)
        .insertMany([
          row((one) => one),
          row((_one, other) => other),
          row((one, _other, nullable, name) => (nullable ? null : (further[name]?.[0] ?? one))),
        ]),
    );
    const rows = await records.findMany(ids.map((id) => id!));
    return { store, resource: things, records, rows, link: organizationsOfUsers, linked: new Map() };
  }

  const byId = [{ attribute: 'id', descending: false }];
  const page = { by: 'number', number: 1, size: 10 } as const;

  test('an attribute of any kind takes its values, null and its values again', async (t) => {
    const { store, records, rows } = await world(t);
    const [first] = rows as [Row];
    const id = first.id as number;
    for (const [name, , one, other] of samples) {
      assert.equal(first[name], one, name);
      const steps: [string, Stored][] = [
        [name, further[name]?.[1] ?? other],
        [name, one],
        ...([null, null, further[name]?.[1] ?? other, null, one] as Stored[]).map(
          (value): [string, Stored] => [`${name}_or_null`, value],
        ),
      ];
      for (const [attribute, value] of steps) {
        const changed = await store.changeRecord(things as Resource, id, async () => ({
          [attribute]: value,
        }));
        assert.equal((changed as Row)[attribute], value, attribute);
        assert.equal(((await records.find(id)) as Row)[attribute], value, attribute);
      }
    }
    const { revision: _, ...before } = first;
    const { revision, ...after } = (await records.find(id)) as Row;
    assert.deepEqual(after, before);
    assert.equal(revision, 1 + samples.length * 7);
  });

  test('an attribute of any kind is filtered by every operation of its kind', async (t) => {
    const here = await world(t);
    let asked = 0;
    for (const [name, { kind, nullable }] of things.filters)
      for (const operator of kind.operators as readonly FilterOperator[])
        for (const value of new Set(here.rows.map((row) => row[name]!))) {
          if (value === null && /^[gl]t/.test(operator)) continue;
          const alone = [value];
          const withNull = nullable && !/^[gl]t/.test(operator) ? [[value, null], alone] : [alone];
          for (const values of withNull) {
            const filter: Filter = { attribute: name, operator, values: [...new Set(values)] };
            const ids = expected(filter, byId, null, here);
            const found = await here.records.page({ filter, sort: byId, page, fields: null }, null, null);
            assert.deepEqual(
              found.map(({ id }) => id),
              ids,
              `${name} ${operator} ${values}`,
            );
            assert.equal(await here.records.count(filter, null), ids.length);
            asked++;
          }
        }
    assert.ok(asked > 200, String(asked));
  });

  test('an attribute of any kind is sorted by both ways, by page and by cursor', async (t) => {
    const here = await world(t);
    for (const attribute of things.sorts.keys())
      for (const descending of [false, true]) {
        const sort = attribute === 'id' ? [{ attribute, descending }] : [{ attribute, descending }, ...byId];
        const ids = expected(null, sort, null, here);
        const found = await here.records.page({ filter: null, sort, page, fields: null }, null, null);
        assert.deepEqual(
          found.map(({ id }) => id),
          ids,
          `${attribute} ${descending}`,
        );
        const walked: number[] = [];
        let after: SortKey | null = null;
        do {
          const asked: Query = { filter: null, sort, fields: null, page: { by: 'cursor', after, size: 1 } };
          const [next, more] = await here.records.page(asked, null, null);
          if (next !== undefined) walked.push(next.id);
          assert.ok(walked.length <= here.rows.length, 'the cursor goes in circles');
          after = more === undefined ? null : next!.sortKey;
        } while (after !== null);
        assert.deepEqual(walked, ids, `${attribute} ${descending}`);
      }
  });

  test('texts that may be null are searched', async (t) => {
    const here = await world(t);
    for (const words of [['ann'], ['lee', 'acm'], ['100%'], ['bob@'], ['an'], ['nobody'], ['acme']])
      assert.equal(
        await here.records.count({ words }, null),
        expected({ words }, byId, null, here).length,
        words.join(' '),
      );
  });

  test('a resource without texts, identities, booleans and joined columns is kept, filtered and counted', async (t) => {
    const store = await emptyStore(t, engine, withNotes);
    const ids = await store.write(({ records }) =>
      records(notes).insertMany([{ select: 3 }, { select: null }, { select: 3 }, { select: 1 }]),
    );
    const records = store.read.records(notes);
    const rows = await records.findMany(ids.map((id) => id!));
    assert.deepEqual(
      rows.map(({ select }) => select),
      [3, null, 3, 1],
    );
    const added = await store.write((transaction) => transaction.records(notes).insert({}));
    assert.deepEqual(
      { ...(await records.find(added)) },
      { id: added, revision: 1, select: null, shown: null },
    );
    await store.changeRecord(notes, added, async () => ({ select: 2 }));
    const sort = [{ attribute: 'select', descending: true }, ...byId];
    const found = await records.page({ filter: null, sort, page, fields: null }, null, null);
    assert.deepEqual(
      found.map(({ sortKey: [select] }) => select),
      [3, 3, 2, 1, null],
    );
    assert.equal(await records.count({ words: ['any'] }, null), 0);
    assert.equal((await records.state()).rowCount, 5);
    await store.write((transaction) => transaction.records(notes).delete(added));
    assert.equal((await records.state()).rowCount, 4);
  });

  const dropIndex = engine === 'sqlite' ? 'DROP TABLE' : 'DROP INDEX';
  for (const [title, statements, said] of [
    ['a column', ['ALTER TABLE things DROP COLUMN flags'], 'the table things has no column flags'],
    [
      'a folded column',
      ['DROP INDEX things_email_key', 'ALTER TABLE things DROP COLUMN email_key'],
      'the table things has no column email_key; there is no index things_email_key (email_key)',
    ],
    [
      'an index of an identity',
      ['DROP INDEX things_email_key'],
      'there is no index things_email_key (email_key)',
    ],
    [
      'an index of a sort and filter',
      ['DROP INDEX things_timestamp', 'DROP INDEX things_person_name_key'],
      'there is no index things_person_name_key (person_name_key); there is no index things_timestamp (timestamp)',
    ],
    [
      'an index that begins with the attribute',
      ['DROP INDEX things_integer', 'CREATE INDEX things_integer ON things (url, integer)'],
      'there is no index things_integer (integer)',
    ],
    [
      'its index of texts',
      [`${dropIndex} things_search`],
      'there is no index things_search (person_name_or_null_key, organization_name_key, email_or_null_key)',
    ],
    [
      'its index of versions',
      ['DROP INDEX things_versions'],
      'there is no index things_versions (id, revision)',
    ],
    [
      'its count',
      ["DELETE FROM collections WHERE name = 'things'"],
      "the table collections has no row 'things'",
    ],
  ] as const)
    test(`a start says that a resource lacks ${title}`, async (t) => {
      const further = { '9002-lacking': { sqlite: statements, postgres: statements } };
      const config = await emptyDatabaseConfig(t, engine);
      await assert.rejects(
        openStore(config, {}, holding(things, makeTable(things), further)),
        ({ message }: Error) => {
          assert.ok(message.endsWith(`the resources need more than the migrations made: ${said}`), message);
          return true;
        },
      );
    });

  test('a start says that a resource has no table, and what other resources lack', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const contents = { ...product, resources: [...product.resources, notes, things] };
    await assert.rejects(
      openStore(config, {}, contents),
      /there is no table notes; .*; there is no table things; .*no row 'notes'; .*no row 'things'/,
    );
    // The failed start has closed its connections, so the product can start.
    await (await openStore(config)).close();
  });

  test('a resource whose count is gone is an error, and not empty', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const store = await openStore(config, {}, withNotes);
    t.after(() => store.close());
    assert.equal((await store.read.records(notes).state()).rowCount, 0);
    await onTables(config, `DELETE FROM collections WHERE name = 'notes'`);
    await setImmediate();
    await assert.rejects(
      async () => store.read.records(notes).state(),
      /The table collections has no row 'notes'/,
    );
  });
});
