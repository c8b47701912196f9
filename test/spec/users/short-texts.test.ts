// Texts of one and two characters have an index of their own, which a job writes. Whatever it has indexed, a search finds
// what comparing every text finds.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { textJob } from '../../../src/jobs.ts';
import { fold } from '../../../src/model/text.ts';
import { users } from '../../../src/resources/users/users.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { startApp } from '../../support/start-app.ts';

interface Person {
  readonly id: number;
  first_name: string;
  last_name: string;
  readonly email: string;
}

const attributes = ['first_name', 'last_name', 'email'] as const;

/** Latin, with letters that fold to others or to several; Chinese, Japanese, Korean; beyond the BMP; combining; wildcards. */
const letters = [
  ...'aaaaennrsZQÄßİ',
  ...'王伟李佐藤さくら김민준',
  '𠮷',
  '𐐀',
  '😀',
  'e\u0301',
  'q\u0323',
  '%',
  '_',
  '"',
  "'",
  '\\',
  '*',
  '.',
  '-',
  ' ',
];

/** Pseudo-random, the same in each run. */
function chooser(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

async function start(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine);
  const organizationId = await app.createOrganization('王 & Co');
  const sysadmin = { first_name: 'Ann', last_name: 'Lee', email: 'ann@x.example' };
  const { id: sysadminId, token } = await app.createUser({
    sysadmin: true,
    organizationId,
    values: sysadmin,
  });
  const choose = chooser(7);
  const text = () =>
    Array.from({ length: 1 + choose(5) }, () => letters[choose(letters.length)])
      .join('')
      .normalize('NFC');
  const known = new Map<number, Person>([[sysadminId, { id: sysadminId, ...sysadmin }]]);
  for (let i = 0; i < 50; i++) {
    const person = { first_name: text(), last_name: text(), email: `${i.toString(36)}zq@x${i % 7}.example` };
    const { id } = await app.createUser({
      email: person.email,
      organizationId,
      values: { first_name: person.first_name, last_name: person.last_name },
    });
    known.set(id, { id, ...person });
  }
  const signal = new AbortController().signal;
  return {
    app,
    organizationId,
    token,
    known,
    text,
    choose,
    /** Runs the job until nothing is left to do. */
    async index() {
      const job = textJob(app.store);
      assert.ok(await job.hasWork!());
      assert.ok((await job.work({ write: app.store.write, signal })) > 0);
      assert.equal(await job.hasWork!(), false);
    },
    rename: (id: number, values: { first_name: string; last_name: string }) =>
      app.store.write(({ records }) => records(users).update(id, values)),
    remove: (id: number) => app.store.write(({ records }) => records(users).delete(id)),
    /** The addresses of all pages of a list, in their order, and its total. */
    async list(path: string, headers: Record<string, string> = {}) {
      const found: string[] = [];
      let total: number | undefined;
      for (let next: string | undefined = path; next !== undefined; ) {
        const { status, body, text: raw } = await app.request('GET', next, { token, headers });
        assert.equal(status, 200, `${next}: ${raw}`);
        found.push(...body.data.map((one: { attributes: Person }) => one.attributes.email));
        total = body.meta?.total_count ?? total;
        next = body.links.next?.replace(/^https?:\/\/[^/]+/, '');
      }
      return { found, total };
    },
  };
}

const contains = (person: Person, names: readonly (keyof Person)[], text: string) =>
  names.some((name) => fold(`${person[name]}`).includes(fold(text)));

/** A filter, and whether a person matches it. */
interface Case {
  readonly query: string;
  readonly matches: (person: Person) => boolean;
}

function cases(choose: (below: number) => number): Case[] {
  const letter = () => letters[choose(letters.length - 1)]!;
  const text = () => letter() + (choose(3) === 0 ? '' : letter());
  const encoded = (value: string) => encodeURIComponent(value.replaceAll('\\', '\\\\'));
  const one = (): Case => {
    const name = attributes[choose(3)]!;
    const value = text();
    return {
      query: `filter[${name}][contains]=${encoded(value)}`,
      matches: (person) => contains(person, [name], value),
    };
  };
  const words = (...values: string[]): Case => ({
    query: `filter[query]=${values.map(encodeURIComponent).join('+')}`,
    matches: (person) => values.every((value) => contains(person, attributes, value)),
  });
  const both = (some: Case, other: Case): Case => ({
    query: `${some.query.replace('filter', 'filter[0]')}&${other.query.replace('filter', 'filter[1]')}`,
    matches: (person) => some.matches(person) && other.matches(person),
  });
  const either = (some: Case, other: Case): Case => ({
    query: `filter[$op]=or&${both(some, other).query}`,
    matches: (person) => some.matches(person) || other.matches(person),
  });
  const several = (): Case => {
    const [some, other] = [text(), text()];
    return {
      query: `filter[last_name][contains]=${encoded(some)},${encoded(other)}`,
      matches: (person) => contains(person, ['last_name'], some) || contains(person, ['last_name'], other),
    };
  };
  return [
    ...Array.from({ length: 20 }, one),
    ...Array.from({ length: 10 }, () => words(text())),
    ...Array.from({ length: 5 }, () => words(letter(), letter())),
    ...Array.from({ length: 5 }, () => both(one(), one())),
    ...Array.from({ length: 5 }, () => either(one(), words(text()))),
    ...Array.from({ length: 5 }, several),
    words('a', 'zq@'),
    both(words('zq'), words('a')),
    both(one(), { query: 'filter[email][not_contain]=z', matches: (person) => !person.email.includes('z') }),
    words('王'),
    words('\u{20bb7}'),
    words('qq', 'zzz'),
  ];
}

onEachEngine((engine) => {
  test('people are found by any one or two characters, before, while and after these are indexed', async (t) => {
    const { organizationId, known, index, rename, remove, text, choose, list } = await start(t, engine);
    const asked = cases(choose);
    let found = 0;
    const check = async (part: readonly Case[]) => {
      const everyone = [...known.values()];
      const inOrder = (name: (typeof attributes)[number]) =>
        everyone.toSorted(
          (a, b) => Buffer.compare(Buffer.from(fold(a[name])), Buffer.from(fold(b[name]))) || a.id - b.id,
        );
      for (const [i, { query, matches }] of part.entries()) {
        const emails = (some: readonly Person[]) => some.filter(matches).map(({ email }) => email);
        const wanted = emails(everyone);
        found += wanted.length;
        const byName = emails(inOrder('last_name'));
        const users = `/api/v2/users?${query}&`;
        assert.deepEqual(
          await list(`${users}page[size]=100`),
          { found: wanted, total: wanted.length },
          query,
        );
        if (i % 3 === 0) {
          assert.deepEqual((await list(`${users}page[after]=&page[size]=4`)).found, wanted, query);
          assert.deepEqual(await list(`${users}page[size]=5&sort=-id`), {
            found: wanted.toReversed(),
            total: wanted.length,
          });
        }
        if (i % 3 === 1) {
          assert.deepEqual(
            await list(`${users}page[size]=50&sort=last_name`),
            { found: byName, total: wanted.length },
            query,
          );
          assert.deepEqual(
            (await list(`${users}page[after]=&page[size]=4&sort=-last_name,-id`)).found,
            byName.toReversed(),
          );
        }
        if (i % 3 === 2) {
          const headers = { 'x-organization-id': `${organizationId}` };
          assert.deepEqual((await list(`${users}page[size]=50`, headers)).found, wanted, query);
        }
        if (/_name\]/.test(query)) continue;
        const inPeople = await list(`/api/v2/people?${query}&page[size]=50`);
        assert.deepEqual(inPeople, { found: wanted, total: wanted.length }, `people ${query}`);
      }
    };
    const oneIn = (n: number) => asked.filter((_, i) => i % n === 0);
    await check(oneIn(5));
    await index();
    await check(asked);
    for (const id of [...known.keys()].filter((_, i) => i % 3 === 0)) {
      const names = { first_name: text(), last_name: text() };
      Object.assign(known.get(id)!, names);
      await rename(id, names);
    }
    for (const id of [...known.keys()].filter((_, i) => i % 10 === 5)) {
      known.delete(id);
      await remove(id);
    }
    await check(oneIn(2));
    await index();
    await check(oneIn(5));
    assert.ok(found > 300, `${found}`);
  });

  test('organizations are found by one character of their names', async (t) => {
    const { app, token, index, organizationId } = await start(t, engine);
    for (let i = 0; i < 2; i++) {
      for (const word of ['王', 'co', '%26', 'C']) {
        const { body } = await app.request('GET', `/api/v2/organizations?filter[query]=${word}`, { token });
        assert.deepEqual(
          body.data.map((one: { id: string }) => one.id),
          [`${organizationId}`],
          word,
        );
      }
      const { body } = await app.request('GET', '/api/v2/organizations?filter[query]=x', { token });
      assert.equal(body.meta.total_count, 0);
      if (i === 0) await index();
    }
  });
});
