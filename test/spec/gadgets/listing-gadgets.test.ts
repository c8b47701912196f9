// Filters, sorts, search, pages and totals of the toy resource, compared with a plain array.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { FilterOperator, Stored } from '../../../src/model/kind.ts';
import type { RecordOf, Resource } from '../../../src/model/resource.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import type { Answer } from '../../support/start-app.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { type GadgetsApp, gadgetsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

type Gadget = RecordOf<typeof gadgets> & Readonly<Record<string, Stored>>;

const count = 24;

interface Shelf {
  readonly app: GadgetsApp;
  /** In the order of their ids. */
  readonly rows: readonly Gadget[];
  /** Requests as a keeper, who sees all gadgets. */
  list(query: string): Promise<Answer>;
}

async function fill(t: TestContext, engine: EngineName): Promise<Shelf> {
  const app = await startGadgets(t, engine);
  const keeper = await app.createUser({ sysadmin: ['manage_organizations'] });
  for (let i = 0; i < count; i++)
    await app.addGadget({
      ...{ name: ['Lamp', 'lamp', 'Chair', 'Änne', '100%'][i % 5]!, contact: `g${i}@x${i % 3}.com` },
      nickname: i % 3 === 0 ? null : ['Sparkle', 'spark', 'Ärmel'][(i % 4) % 3]!,
      ...{ label: i % 4 === 0 ? null : `No ${i % 7}`, recovery: i % 2 === 0 ? null : `r${i}@x.com` },
      ...{ order: (i * 7) % 5, group: i % 5 === 0 ? null : i % 4, user: i % 6 === 0 ? null : `U${i % 2}` },
      ...{ model: ['basic', 'wide'][i % 2]!, owner_id: i % 2 === 0 ? null : keeper.id },
      ...{ part_of_id: i > 4 && i % 3 === 0 ? 1 + (i % 2) : null, enabled: i % 2 === 0 },
      ...{ approved: [true, false, null][i % 3]!, released_at: i % 4 === 0 ? null : (i % 3) * 1000 },
      ...{ homepage: i % 2 === 0 ? null : 'https://a.b', locale: ['en_US', 'hr_HR'][i % 2]! },
      ...{ time_zone: i % 3 === 0 ? null : ['UTC', 'Europe/Zagreb'][i % 2]!, updated_at: (i % 6) * 1000 },
    });
  const { find } = app.store.read.records(gadgets);
  const rows: Gadget[] = [];
  for (let id = 1; id <= count; id++) rows.push((await find(id))!);
  return { app, rows, list: (query) => app.request('GET', `${gadgetsPath}?${query}`, keeper) };
}

const idsOf = ({ body }: Answer): number[] => body.data.map(({ id }: { id: string }) => Number(id));

/** What texts are compared by: names as they are, identities without regard to case. */
const folded = (text: string) => text.normalize('NFC').toLowerCase();

/** A value of some rows, in the form of a query. */
function written(name: string, value: Stored): string {
  const isTime = name.endsWith('_at');
  return isTime ? new Date(value as number).toISOString() : String(value);
}

/** As documented: null equals no value, contains nothing, and is not before or after any value. */
function passes(row: Gadget, name: string, operator: FilterOperator, wanted: Stored): boolean {
  const value = row[name]!;
  const isIdentity = gadgets.attributes[name]?.kind.folded === 'identity';
  const isEqual =
    isIdentity && typeof value === 'string' ? folded(value) === folded(String(wanted)) : value === wanted;
  if (operator === 'eq') return isEqual;
  if (operator === 'not_eq') return !isEqual;
  if (operator === 'contains')
    return value !== null && folded(String(value)).includes(folded(String(wanted)));
  if (operator === 'not_contain')
    return value === null || !folded(String(value)).includes(folded(String(wanted)));
  if (value === null) return false;
  const [one, other] = [value as number, wanted as number];
  return { gt: one > other, gt_eq: one >= other, lt: one < other, lt_eq: one <= other }[operator];
}

/** Null first, texts by their folded form, false before true. */
function compare(name: string, one: Gadget, other: Gadget): number {
  const isFolded = gadgets.attributes[name]?.kind.folded !== undefined;
  const key = (row: Gadget) => {
    const value = row[name]!;
    return isFolded && typeof value === 'string' ? folded(value) : value;
  };
  const [a, b] = [key(one), key(other)];
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return Number(a) - Number(b);
}

onEachEngine((engine) => {
  test('every attribute is filtered by every operator of its kind, by each value and by null', async (t) => {
    const { rows, list } = await fill(t, engine);
    let found = 0;
    for (const [name, { kind, nullable }] of gadgets.filters) {
      const present = [...new Set(rows.map((row) => row[name]!))].filter((value) => value !== null);
      for (const operator of kind.operators)
        for (const value of present.slice(0, 3)) {
          const query = `page[size]=200&filter[${name}][${operator}]=${encodeURIComponent(written(name, value))}`;
          const expected = rows.filter((row) => passes(row, name, operator, value)).map(({ id }) => id);
          const answer = await list(query);
          assert.deepEqual(idsOf(answer), expected, query);
          assert.equal(answer.body.meta.total_count, expected.length, query);
          found += expected.length;
        }
      if (!nullable) continue;
      const isNull = (row: Gadget) => row[name] === null;
      assert.deepEqual(
        idsOf(await list(`filter[${name}]=`)),
        rows.filter(isNull).map(({ id }) => id),
        name,
      );
      const others = rows.filter((row) => !isNull(row)).map(({ id }) => id);
      assert.deepEqual(idsOf(await list(`filter[${name}][not_eq]=`)), others, name);
    }
    assert.ok(found > 500, `${found}`);
  });

  test('every attribute that sorts does so both ways, null first or last, ties by id', async (t) => {
    const { rows, list } = await fill(t, engine);
    for (const name of gadgets.sorts.keys()) {
      const up = rows.toSorted((a, b) => compare(name, a, b) || a.id - b.id).map(({ id }) => id);
      assert.deepEqual(idsOf(await list(`page[size]=200&sort=${name}`)), up, name);
      const down = rows.toSorted((a, b) => compare(name, b, a) || a.id - b.id).map(({ id }) => id);
      assert.deepEqual(idsOf(await list(`sort=-${name}`)), down, `-${name}`);
    }
  });

  test('pages by cursor hold each gadget once, in the order of any sort that is never null', async (t) => {
    const { rows, list } = await fill(t, engine);
    for (const [name, { nullable }] of gadgets.sorts) {
      const first = `page[after]=&page[size]=5&sort=-${name}`;
      if (nullable) {
        assertError(await list(first), 400, 'keyset_unsupported_sort');
        continue;
      }
      const ids: number[] = [];
      let next: string | undefined = first;
      while (next !== undefined) {
        const answer: Answer = await list(next);
        ids.push(...idsOf(answer));
        next = (answer.body.links.next as string | undefined)?.split('?')[1];
      }
      const expected = rows.toSorted((a, b) => compare(name, b, a) || a.id - b.id).map(({ id }) => id);
      assert.deepEqual(ids, expected, name);
    }
  });

  test('the search finds words in the searched attributes, null or not, and nowhere else', async (t) => {
    const { rows, list } = await fill(t, engine);
    const searched = gadgets.search;
    for (const words of ['spark', 'LAMP', 'x1.com', 'änne', 'ä', 'spark lamp', '100%', 'wide', 'No']) {
      const expected = rows.filter((row) =>
        words.split(' ').every((word) => searched.some((name) => passes(row, name, 'contains', word))),
      );
      const answer = await list(`filter[query]=${encodeURIComponent(words)}`);
      assert.deepEqual(
        idsOf(answer),
        expected.map(({ id }) => id),
        words,
      );
    }
  });

  test('totals are exact on every page, for each filter and each caller', async (t) => {
    const { app, rows, list } = await fill(t, engine);
    const organizationId = await app.createOrganization();
    const member = await app.createUser({ organizationId });
    const lent = rows.filter(({ group }) => group === organizationId);
    assert.ok(lent.length > 2);
    for (const page of [1, 2, 3, 9]) {
      const all = await list(`page[number]=${page}`);
      assert.equal(all.body.meta.total_count, count);
      const some = await list(`filter[enabled]=true&page[number]=${page}`);
      assert.equal(some.body.meta.total_count, count / 2);
      const path = `${gadgetsPath}?page[size]=2&page[number]=${page}`;
      const seen = await app.request('GET', path, member);
      assert.equal(seen.body.meta.total_count, lent.length);
      assert.deepEqual(
        idsOf(seen),
        lent.slice((page - 1) * 2, page * 2).map(({ id }) => id),
      );
    }
    await app.store.write(({ records }) => records(gadgets).delete(lent[0]!.id));
    const seen = await app.request('GET', `${gadgetsPath}?page[size]=2&page[number]=2`, member);
    assert.equal(seen.body.meta.total_count, lent.length - 1);
    assert.equal((await list('')).body.meta.total_count, count - 1);
  });

  test('the total of a filter is that of its own resource, though another has changed as often', async (t) => {
    const { app, list } = await fill(t, engine);
    const keeper = await app.createUser({ sysadmin: true });
    const { records } = app.store.read;
    const changes = async (resource: Resource) => (await records(resource).state()).changeCount;
    while ((await changes(gadgets)) < (await changes(users)))
      await app.store.changeRecord(gadgets, 1, async (row) => ({ order: row!.order + 1 }));
    while ((await changes(users)) < (await changes(gadgets)))
      await app.store.changeRecord(users, keeper.id, async (row) => ({ updated_at: row!.updated_at + 1 }));
    const query = 'filter[id][gt]=0&page[size]=1';
    const ofUsers = await app.request('GET', `/api/v2/users?${query}`, keeper);
    assert.equal(ofUsers.body.meta.total_count, 2);
    assert.equal((await list(query)).body.meta.total_count, count);
    assert.equal(await changes(users), await changes(gadgets));
  });

  test('only the attributes that are asked for are shown, of this type alone', async (t) => {
    const { list } = await fill(t, engine);
    const { body } = await list('fields[gadgets]=checksum,part_of_name,order');
    for (const { attributes } of body.data)
      assert.deepEqual(Object.keys(attributes), ['order', 'part_of_name', 'checksum']);
    assertError(await list('fields[users]=email'), 400, 'unsupported_parameter');
    assertError(await list('fields[gadgets]=email'), 400, 'unsupported_parameter');
  });

  test('what is not open to everyone, or has no column, is no filter and no sort', async (t) => {
    const { list } = await fill(t, engine);
    for (const name of [
      'pairing_code',
      'owner_email',
      'checksum',
      'part_of_name',
      'settings',
      'email',
      'revision',
    ])
      assertError(await list(`filter[${name}]=x`), 400, 'unsupported_filter');
    for (const name of ['pairing_code', 'owner_id', 'owner_email', 'checksum', 'label', 'homepage', 'shown'])
      assertError(await list(`sort=${name}`), 400, 'unsupported_sort');
  });
});
