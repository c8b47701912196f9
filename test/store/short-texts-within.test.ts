// Searches for one and two characters within organizations, on many rows: the results and totals are those of comparing
// every row, whichever way the index finds them.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { textJob } from '../../src/jobs.ts';
import { equals, type Filter, type Query } from '../../src/model/query.ts';
import { fold } from '../../src/model/text.ts';
import { reindexTexts } from '../../src/resources/operations/reindex-texts.ts';
import { people } from '../../src/resources/people/people.ts';
import { users } from '../../src/resources/users/users.ts';
import type { Visible } from '../../src/store/store.ts';
import { addMembers } from '../support/add-members.ts';
import { type EngineName, onEachEngine } from '../support/engines.ts';
import { startApp } from '../support/start-app.ts';

interface Person {
  readonly id: number;
  readonly organization_id: number;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
}

const count = 1100;
const names = ['first_name', 'last_name', 'email'] as const;

/** Most names contain `a`, the others are Chinese, at the end of the order by name. */
const nameOf = (n: number) => {
  const latin = `${n % 11 === 0 ? 'o' : 'a'}${'bcdefghij'[n % 9]}${'klmnopqrstuvw'[n % 13]}`;
  return n % 10 === 3 ? `${'王李'[n % 2]}${'伟丏𠮷'[n % 3]}` : latin;
};

async function start(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine);
  const organizations = [];
  for (const name of ['large', 'small', 'tiny']) organizations.push(await app.createOrganization(name));
  const added: number[] = [];
  // Nearly all are in the first organization; some also in others.
  for (const [i, size] of [count, 120, 20].entries())
    added.push(...(await addMembers(app, organizations[i]!, size, null, `${i}`)));
  const rename = (ids: readonly number[], from: number) =>
    app.store.write(async ({ records }) => {
      for (const [i, id] of ids.entries())
        await records(users).update(id, { first_name: nameOf(i + from), last_name: nameOf(i * 7 + from) });
    });
  await rename(added, 0);
  return {
    app,
    added,
    organizations,
    rename,
    remove: (ids: readonly number[]) =>
      app.store.write(async ({ records }) => {
        for (const id of ids) await records(users).delete(id);
      }),
    async index() {
      const signal = new AbortController().signal;
      await textJob(app.store).work({ write: app.store.write, signal });
    },
    reader: app.store.read.records(people),
  };
}

interface Case {
  readonly filter: Filter;
  readonly matches: (person: Person) => boolean;
}

const has = (person: Person, attributes: readonly (typeof names)[number][], text: string) =>
  attributes.some((name) => fold(person[name]).includes(text));

const words = (...texts: string[]): Case => ({
  filter: { words: texts },
  matches: (person) => texts.every((text) => has(person, names, text)),
});

const contains = (attribute: 'first_name' | 'last_name', ...texts: string[]): Case => ({
  filter: { attribute, operator: 'contains', values: texts },
  matches: (person) => texts.some((text) => has(person, [attribute], text)),
});

const cases: readonly Case[] = [
  words('a'),
  words('a', 'b'),
  words('a', 'e', 'm'),
  words('王'),
  words('王伟', 'e'),
  words('𠮷'),
  words('zz'),
  words('bk', 'a'),
  contains('last_name', 'a'),
  contains('first_name', '李'),
  contains('last_name', 'ab', '王', '伟'),
  {
    filter: { any: [contains('first_name', 'b').filter, words('李', '伟').filter] },
    matches: (person) =>
      has(person, ['first_name'], 'b') || ['李', '伟'].every((text) => has(person, names, text)),
  },
];

const sorts = ['id', '-id', 'last_name', '-last_name'];

function queryOf(filter: Filter, sort: string): Query {
  const attribute = sort.replace('-', '');
  const descending = sort.startsWith('-');
  const first = attribute === 'id' ? [] : [{ attribute, descending }];
  return {
    filter,
    sort: [...first, { attribute: 'id', descending }],
    page: { by: 'cursor', after: null, size: 60 },
    fields: null,
  };
}

function inOrder(everyone: readonly Person[], sort: string): readonly Person[] {
  const key = (person: Person) => Buffer.from(sort.endsWith('last_name') ? fold(person.last_name) : '');
  const sorted = everyone.toSorted((a, b) => Buffer.compare(key(a), key(b)) || a.id - b.id);
  return sort.startsWith('-') ? sorted.toReversed() : sorted;
}

onEachEngine((engine) => {
  test('people of an organization are found by one and two characters, however many these match', async (t) => {
    const { app, added, organizations, rename, remove, index, reader } = await start(t, engine);
    const [large, small, tiny] = organizations as [number, number, number];
    const isIn = (...ids: number[]): Filter => ({
      attribute: 'organization_id',
      operator: 'eq',
      values: ids,
    });
    const readers: readonly { visible: Visible; sees: (person: Person) => boolean }[] = [
      { visible: null, sees: () => true },
      { visible: equals('organization_id', large), sees: (person) => person.organization_id === large },
      { visible: isIn(small, tiny), sees: (person) => person.organization_id !== large },
      {
        visible: { all: [isIn(large, tiny), equals('deactivated_at', null)] },
        sees: (person) => person.organization_id !== small,
      },
    ];
    const everyone = async () => {
      const ids: number[] = [];
      for (let after = 0, more = true; more; ) {
        const page = { by: 'cursor', after: [after], size: 1000 } as const;
        const query = { filter: null, sort: [{ attribute: 'id', descending: false }], page, fields: null };
        const rows = await reader.page(query, null, null);
        ids.push(...rows.map(({ id }) => id));
        more = rows.length > 1000;
        after = ids.at(-1)!;
      }
      return ((await reader.findMany([...new Set(ids)])) as unknown as Person[]).toSorted(
        (a, b) => a.id - b.id,
      );
    };
    let found = 0;
    let rounds = 0;
    async function check(part: readonly Case[]): Promise<void> {
      const all = await everyone();
      const sorted = new Map(sorts.map((sort) => [sort, inOrder(all, sort)]));
      for (const { filter, matches } of part)
        for (const { visible, sees } of readers) {
          const what = JSON.stringify([filter, visible]);
          const wanted = (person: Person) => sees(person) && matches(person);
          const total = all.filter(wanted).length;
          found += total;
          assert.equal(await reader.count(filter, visible), total, what);
          if (visible !== null)
            assert.equal(await reader.count({ all: [filter, visible] }, null), total, what);
          for (const sort of sorts) {
            if (rounds++ % 3 === 0) continue;
            const ids = sorted
              .get(sort)!
              .filter(wanted)
              .map(({ id }) => id);
            const query = queryOf(filter, sort);
            const page = await reader.page(query, visible, total);
            assert.deepEqual(
              page.map(({ id }) => id),
              ids.slice(0, 61),
              `${sort} ${what}`,
            );
            const last = page.at(30);
            if (last === undefined) continue;
            const after = { ...query, page: { by: 'cursor', after: last.sortKey, size: 60 } } as const;
            const next = await reader.page(after, visible, null);
            assert.deepEqual(
              next.map(({ id }) => id),
              ids.slice(31, 92),
              `next ${sort} ${what}`,
            );
            const numbered = { ...query, page: { by: 'number', number: 2, size: 20 } } as const;
            const second = await reader.page(numbered, visible, total);
            assert.deepEqual(
              second.map(({ id }) => id),
              ids.slice(20, 40),
              `second ${sort} ${what}`,
            );
          }
        }
    }
    await check(cases.slice(0, 3));
    await index();
    await check(cases);
    await rename(
      added.filter((_, i) => i % 3 === 0),
      5,
    );
    await remove(added.filter((_, i) => i % 4 === 2));
    await addMembers(app, large, 30, null, 'later');
    await check(cases.filter((_, n) => n % 2 === 1));
    await index();
    // Before the index is made anew, which would correct it.
    await check(cases.filter((_, n) => n % 4 === 0));
    await reindexTexts({ write: app.store.write, signal: new AbortController().signal }, people, () => {});
    await check(cases.filter((_, n) => n % 2 === 0));
    assert.ok(found > 10_000, `${found}`);
  });
});
