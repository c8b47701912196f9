// The access matrix, queries: nobody finds what they do not see, by filter, search, sort, total, cursor or error.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { ids, outcome } from '../../support/read-answers.ts';
import { checkCells, fingerprint, nameOfAsker, unlikeAskers } from './check-cells.ts';
import { idsOf } from './check-document.ts';
import { type Asker, isAmong } from './expectation.ts';
import { type List, listed, listsIn, nameOfList, refusalOf } from './lists.ts';
import { filtersOf, type SearchQuery, sortsOf } from './queries.ts';
import { type Matrix, nameOfSettings, settings, startMatrix } from './start-matrix.ts';

const size = 'page[size]=200';

/** A caller of each kind of sight: every filter for every caller would take minutes. */
const finders = [
  'the member',
  'the member in acme',
  'the consultant',
  'the consultant in globex',
  'the foreignmember',
];
/** Callers to whom it makes no difference whether members see each other. */
const otherFinders = ['the admin', 'the nobody', 'the insider', 'the sysadmin in acme'];

/** The records in paths of lists. */
const parents = ['acme', 'consultant'];

interface Search extends List {
  readonly query: SearchQuery;
}

interface Cell extends Search {
  readonly asker: Asker;
  /** The ids that the search finds among all records. */
  readonly all: readonly number[];
}

const nameOf = (search: Search) => `${nameOfList(search)} with ${search.query.text}`;

function someLists(matrix: Matrix): List[] {
  return listsIn(matrix).filter(({ parent }) => parent === null || parents.includes(parent.subject.name));
}

function searchesOf(matrix: Matrix, queriesOf: (list: List) => SearchQuery[]): Search[] {
  return someLists(matrix).flatMap((list) => queriesOf(list).map((query) => ({ ...list, query })));
}

/** What a sysadmin finds, who sees every record. */
async function findAll(matrix: Matrix, { path, expected, of, query }: Search): Promise<number[]> {
  const find = async (from: string, asker = matrix.root) =>
    ids(await matrix.ask(asker, 'GET', `${from}?${size}&${query.text}`));
  if (expected.contains === undefined) return find(path);
  // This list has not all that a sysadmin sees. Those of the organizations have, or else those of all callers together.
  const lists = listsIn(matrix).filter((list) => list.of === of && list.parent?.of.type === 'organizations');
  const found = await Promise.all(
    lists.length > 0
      ? lists.map((list) => find(list.path))
      : matrix.askers.filter(({ header }) => header === null).map((asker) => find(path, asker)),
  );
  return [...new Set(found.flat())].sort((a, b) => a - b);
}

/** Whether the caller reads the attribute in every record that it sees; undefined if it sees none. */
function mayUse(asker: Asker, { of, query: { attribute } }: Search): boolean | undefined {
  const rights = attribute === null ? undefined : of.attributes.get(attribute);
  if (rights === undefined || rights.reads.includes('everyone')) return true;
  const seen = of.subjects.filter((subject) => of.sees(asker, subject));
  if (seen.length === 0) return undefined;
  return seen.every((subject) => isAmong(rights.reads, of.is(asker, subject)));
}

async function checkSearches(
  matrix: Matrix,
  searches: readonly Search[],
  check: (cell: Cell) => Promise<void>,
): Promise<void> {
  const found = new Map<Search, number[]>();
  await checkCells(searches, nameOf, async (search) => {
    found.set(search, await findAll(matrix, search));
  });
  const names = matrix.root.membersSeeEachOther ? finders : [...finders, ...otherFinders];
  const askers = matrix.askers.filter((asker) => names.includes(nameOfAsker(asker)));
  assert.equal(askers.length, names.length);
  const cells = searches.flatMap((search) =>
    askers.map((asker): Cell => ({ ...search, asker, all: found.get(search)! })),
  );
  await checkCells(
    cells,
    (cell) => `${nameOf(cell)} by ${nameOfAsker(cell.asker)}`,
    async (cell) => {
      const { asker, path, query } = cell;
      const refusal = refusalOf(asker, cell);
      const may = mayUse(asker, cell);
      if (refusal === null && may) return check(cell);
      const answer = await matrix.ask(asker, 'GET', `${path}?${query.text}`);
      if (refusal !== null) assert.equal(answer.status, refusal);
      else if (may === false) assert.match(outcome(answer), /^400 unsupported_(filter|sort)$/);
    },
  );
}

async function checkFilters(matrix: Matrix): Promise<void> {
  const searches = searchesOf(matrix, ({ route, of }) => filtersOf(matrix, route.resource, of));
  await checkSearches(matrix, searches, async (cell) => {
    const { asker, path, of, query, all } = cell;
    const seen = idsOf(matrix, of, listed(asker, cell));
    const expected = all.filter((id) => seen.includes(id));
    const answer = await matrix.ask(asker, 'GET', `${path}?page[size]=5&${query.text}`);
    assert.deepEqual(ids(answer), expected.slice(0, 5));
    assert.equal(answer.body.meta.total_count, expected.length);
  });
}

async function checkSorts(matrix: Matrix): Promise<void> {
  await checkSearches(
    matrix,
    searchesOf(matrix, ({ route }) => sortsOf(route.resource)),
    async (cell) => {
      const { asker, path, of, query, all, expected } = cell;
      const seen = idsOf(matrix, of, listed(asker, cell));
      const found = ids(await matrix.ask(asker, 'GET', `${path}?${size}&${query.text}`));
      // The order is known if one list had all.
      const compared = expected.contains === undefined ? found : found.sort((a, b) => a - b);
      assert.deepEqual(
        compared,
        all.filter((id) => seen.includes(id)),
      );
    },
  );
}

/** The second page of a sysadmin, asked for by the others. */
async function checkCursors(matrix: Matrix): Promise<void> {
  const nexts = new Map<string, string>();
  const searches = searchesOf(matrix, ({ route, parent, expected }) => {
    if (parent !== null || expected.contains !== undefined) return [];
    return sortsOf(route.resource).filter(
      ({ attribute }) => !route.resource.attributes[attribute!]?.nullable,
    );
  });
  for (const search of searches) {
    const first = await matrix.ask(
      matrix.root,
      'GET',
      `${search.path}?page[after]=&page[size]=2&${search.query.text}`,
    );
    nexts.set(nameOf(search), first.body.links.next.replace(matrix.app.url, ''));
  }
  await checkSearches(matrix, searches, async (cell) => {
    const seen = idsOf(matrix, cell.of, listed(cell.asker, cell));
    const answer = await matrix.ask(cell.asker, 'GET', nexts.get(nameOf(cell))!);
    const expected = cell.all.slice(2).filter((id) => seen.includes(id));
    assert.deepEqual(ids(answer), expected.slice(0, 2));
  });
}

/** Whoever asks, and whether they may read the attribute or not. */
async function checkRefusedQueries(matrix: Matrix): Promise<void> {
  const cells = listsIn(matrix)
    .filter(({ parent }) => parent === null)
    .flatMap((list) => {
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
    async ({ path, query, code }) => {
      const answers = new Set<string>();
      for (const asker of unlikeAskers(matrix.askers)) {
        const answer = await matrix.ask(asker, 'GET', `${path}?${query}`);
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
