// The access matrix, queries: nobody finds what they do not see, by filter, search, sort, total, cursor or error.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Resource } from '../../../src/model/resource.ts';
import { onEachEngine } from '../../support/engines.ts';
import { ids, outcome } from '../../support/read-answers.ts';
import { checkCells, fingerprint, nameOfAsker } from './check-cells.ts';
import { idsOf, seenBy } from './check-document.ts';
import type { Asker } from './expectation.ts';
import { filtersOf, sortsOf } from './queries.ts';
import { type ExpectedRoute, pathOf, routesThat } from './routes.ts';
import { type Matrix, nameOfSettings, settings, startMatrix } from './start-matrix.ts';

const size = 'page[size]=200';

/** A caller of each kind of sight: every filter for every caller would take minutes. */
const finders = [
  'the admin',
  'the member',
  'the consultant',
  'the foreignmember',
  'the nobody',
  'the insider',
];
const findersInside = ['the member in acme', 'the consultant in globex', 'the sysadmin in acme'];

/** The route and its query. */
interface Search extends ExpectedRoute {
  readonly query: string;
}

const lists = routesThat('list');

function searchesOf(queriesOf: (resource: Resource, list: ExpectedRoute) => string[]): Search[] {
  return lists.flatMap((list) => queriesOf(list.route.resource, list).map((query) => ({ ...list, query })));
}

/** What others find of what a sysadmin finds, without X-Organization-Id. */
async function checkSearches(
  matrix: Matrix,
  searches: readonly Search[],
  check: (asker: Asker, search: Search, all: readonly number[]) => Promise<void>,
): Promise<void> {
  const found = new Map<Search, number[]>();
  const nameOf = ({ route, query }: Search) => `${route.name} with ${query}`;
  await checkCells(searches, nameOf, async (search) => {
    const answer = await matrix.ask(matrix.root, 'GET', `${pathOf(search.route)}?${size}&${search.query}`);
    found.set(search, ids(answer));
  });
  const names = [...finders, ...findersInside];
  const askers = matrix.askers.filter((asker) => names.includes(nameOfAsker(asker)));
  assert.equal(askers.length, names.length);
  const cells = searches.flatMap((search) => askers.map((asker) => ({ search, asker })));
  await checkCells(
    cells,
    ({ search, asker }) => `${nameOf(search)} by ${nameOfAsker(asker)}`,
    ({ search, asker }) => check(asker, search, found.get(search)!),
  );
}

async function checkFilters(matrix: Matrix): Promise<void> {
  const searches = searchesOf((resource, { of }) => filtersOf(matrix, resource, of));
  await checkSearches(matrix, searches, async (asker, { route, of, query }, all) => {
    const seen = idsOf(matrix, of, seenBy(matrix, asker, of));
    const expected = all.filter((id) => seen.includes(id));
    const answer = await matrix.ask(asker, 'GET', `${pathOf(route)}?page[size]=5&${query}`);
    assert.deepEqual(ids(answer), expected.slice(0, 5));
    assert.equal(answer.body.meta.total_count, expected.length);
  });
}

async function checkSorts(matrix: Matrix): Promise<void> {
  await checkSearches(matrix, searchesOf(sortsOf), async (asker, { route, of, query }, all) => {
    const seen = idsOf(matrix, of, seenBy(matrix, asker, of));
    const answer = await matrix.ask(asker, 'GET', `${pathOf(route)}?${size}&${query}`);
    assert.deepEqual(
      ids(answer),
      all.filter((id) => seen.includes(id)),
    );
  });
}

/** The second page of a sysadmin, asked for by the others. */
async function checkCursors(matrix: Matrix): Promise<void> {
  const isCursorSort = ({ route, query }: Search) =>
    !route.resource.attributes[query.replace(/sort=-?/, '')]?.nullable;
  const nexts = new Map<Search, string>();
  const searches = searchesOf(sortsOf).filter(isCursorSort);
  for (const search of searches) {
    const first = await matrix.ask(
      matrix.root,
      'GET',
      `${pathOf(search.route)}?page[after]=&page[size]=2&${search.query}`,
    );
    nexts.set(search, first.body.links.next.replace(matrix.app.url, ''));
  }
  await checkSearches(matrix, searches, async (asker, search, all) => {
    const seen = idsOf(matrix, search.of, seenBy(matrix, asker, search.of));
    const answer = await matrix.ask(asker, 'GET', nexts.get(search)!);
    const expected = all.slice(2).filter((id) => seen.includes(id));
    assert.deepEqual(ids(answer), expected.slice(0, 2));
  });
}

/** Whoever asks, and whether they may read the attribute or not. */
async function checkRefusedQueries(matrix: Matrix): Promise<void> {
  const cells = lists.flatMap((list) => {
    const { filters, sorts, attributes, hidden, type } = list.of;
    const names = [...attributes.keys(), ...hidden, 'nothing'];
    const refused = (query: string, code: string) => ({ ...list, query, code });
    return [
      ...names
        .filter((name) => !filters.includes(name))
        .map((name) => refused(`filter[${name}]=x`, 'unsupported_filter')),
      ...names
        .filter((name) => !sorts.includes(name))
        .flatMap((name) => [`sort=${name}`, `sort=id,-${name}`])
        .map((query) => refused(query, 'unsupported_sort')),
      ...[...hidden, 'nothing'].map((name) => refused(`fields[${type}]=${name}`, 'unsupported_parameter')),
    ];
  });
  await checkCells(
    cells,
    ({ route, query }) => `${route.name} with ${query}`,
    async ({ route, query, code }) => {
      const answers = new Set<string>();
      for (const asker of matrix.askers.filter(({ header }) => header === null)) {
        const answer = await matrix.ask(asker, 'GET', `${pathOf(route)}?${query}`);
        assert.equal(outcome(answer), `400 ${code}`, nameOfAsker(asker));
        answers.add(JSON.stringify(fingerprint(answer)));
      }
      assert.equal(answers.size, 1, 'the error depends on who asks');
    },
  );
}

async function checkQueries(t: TestContext, matrix: Matrix): Promise<void> {
  await t.test('filters and search find what the reader sees, and count it', () => checkFilters(matrix));
  await t.test('sorts have what the reader sees, in the order of all', () => checkSorts(matrix));
  await t.test("another's cursor opens nothing more", () => checkCursors(matrix));
  await t.test('other filters and sorts are refused to everybody, in the same words', () =>
    checkRefusedQueries(matrix),
  );
}

onEachEngine((engine) => {
  for (const given of settings)
    test(`D1 nobody finds what they do not see, ${nameOfSettings(given)}`, async (t) =>
      checkQueries(t, await startMatrix(t, engine, given)));
});
