// The access matrix, reads: which records each caller sees in lists and by id, and which of their attributes.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { ids, outcome, walk } from '../../support/read-answers.ts';
import { checkCells, fingerprint, nameOfAsker, tagKeeper, unlikeAskers } from './check-cells.ts';
import { checkObject, idsOf, nullNames, nullsOf } from './check-document.ts';
import { type Asker, isAmong } from './expectation.ts';
import { type List, listed, listsIn, nameOfList, refusalOf } from './lists.ts';
import { type ExpectedRoute, pathOf, routesThat } from './routes.ts';
import { type Matrix, nameOfSettings, noRecord, settings, startMatrix } from './start-matrix.ts';

const shows = routesThat('show');
/** Texts in the place of an id. */
const impossibleIds = ['abc', '0', '-1', '01', '1.0', '9223372036854775808'];
const callerRoutes = routesThat('show caller');
const reportRoutes = routesThat('report');
const reportLists = routesThat('list reports');

interface ListCell extends List {
  readonly asker: Asker;
}

const nameOfListCell = (cell: ListCell) => `${nameOfList(cell)} by ${nameOfAsker(cell.asker)}`;

async function checkLists(matrix: Matrix): Promise<void> {
  const keep = tagKeeper();
  const cells = matrix.askers.flatMap((asker) =>
    listsIn(matrix).map((list): ListCell => ({ ...list, asker })),
  );
  const missing = new Map<string, unknown>();
  await checkCells(cells, nameOfListCell, async (cell) => {
    const { asker, route, of, path } = cell;
    const ask = (query: string) => matrix.ask(asker, 'GET', path + query);
    const refusal = refusalOf(asker, cell);
    const answer = await ask('?page[size]=200');
    if (refusal !== null) {
      assert.equal(answer.status, refusal);
      const key = `${route.name} ${refusal} ${nameOfAsker(asker)}`;
      const nothing =
        missing.get(key) ??
        fingerprint(refusal === 403 ? answer : await matrix.ask(asker, 'GET', pathOf(route, noRecord)));
      missing.set(key, nothing);
      assert.deepEqual(fingerprint(answer), nothing);
      return;
    }
    const subjects = listed(asker, cell);
    assert.deepEqual(ids(answer), idsOf(matrix, of, subjects));
    assert.equal(answer.body.meta.total_count, subjects.length);
    for (const subject of subjects) {
      const id = String(matrix.idOf(of, subject));
      const object = answer.body.data.find((one: any) => one.id === id);
      checkObject(matrix, asker, of, subject, object);
    }
    keep(`${path}?page[size]=200`, answer);
    const beyond = await ask(`?page[size]=1&page[number]=${noRecord}`);
    assert.deepEqual([ids(beyond), beyond.body.meta.total_count], [[], subjects.length]);
    if (cell.parent !== null) return;
    const token = matrix.tokenOf(asker.account);
    const pages = await walk(matrix.app, `${path}?page[after]=&page[size]=9`, token, matrix.headersOf(asker));
    assert.deepEqual(pages.flatMap(ids), idsOf(matrix, of, subjects));
  });
}

interface Cell extends ExpectedRoute {
  readonly asker: Asker;
}

const nameOf = ({ asker, route }: Cell) => `${route.name} by ${nameOfAsker(asker)}`;

/** A record that the caller does not see is answered as one that does not exist, whatever else is asked. */
async function checkRecords(matrix: Matrix): Promise<void> {
  const keep = tagKeeper();
  for (const show of shows) {
    const { route, of } = show;
    const tags: string[] = [];
    for (const subject of of.subjects) {
      const { headers } = await matrix.ask(matrix.root, 'GET', pathOf(route, matrix.idOf(of, subject)));
      tags.push(headers.get('etag')!);
    }
    const known = { 'If-None-Match': tags.join(', ') };
    const fields = `?fields[${of.type}]=${[...of.attributes.keys()].join()}`;
    for (const asker of matrix.askers) {
      const missing = (query: string, headers: Record<string, string> = {}) =>
        matrix.ask(asker, 'GET', pathOf(route, noRecord) + query, { headers });
      const nothing = fingerprint(await missing(''));
      assert.equal(nothing.status, 404);
      assert.deepEqual(fingerprint(await missing(fields, known)), nothing);
      if (unlikeAskers(matrix.askers).includes(asker))
        for (const id of impossibleIds) {
          const impossible = await matrix.ask(asker, 'GET', route.path.replace('{id}', id));
          assert.deepEqual(fingerprint(impossible), nothing, id);
        }
      await checkCells(
        of.subjects,
        ({ name }) => `${nameOf({ ...show, asker })}: ${name}`,
        async (subject) => {
          const path = pathOf(route, matrix.idOf(of, subject));
          if (of.sees(asker, subject)) {
            const answer = await matrix.ask(asker, 'GET', path);
            assert.equal(answer.status, 200);
            checkObject(matrix, asker, of, subject, answer.body.data);
            keep(path, answer);
            return;
          }
          assert.deepEqual(fingerprint(await matrix.ask(asker, 'GET', path)), nothing);
          if (asker.header !== null) return;
          const asked = await matrix.ask(asker, 'GET', path + fields, { headers: known });
          assert.deepEqual(fingerprint(asked), nothing);
        },
      );
    }
  }
}

/** A report is refused for a record that the caller sees and may not ask about, and does not exist for others. */
async function checkReports(matrix: Matrix): Promise<void> {
  for (const { route, expected, of } of reportRoutes)
    for (const asker of matrix.askers) {
      const nothing = fingerprint(await matrix.ask(asker, 'GET', pathOf(route, noRecord)));
      await checkCells(
        of.subjects,
        ({ name }) => `${nameOf({ route, expected, of, asker })}: ${name}`,
        async (subject) => {
          const answer = await matrix.ask(asker, 'GET', pathOf(route, matrix.idOf(of, subject)));
          if (!of.sees(asker, subject)) {
            assert.deepEqual(fingerprint(answer), nothing);
            return;
          }
          const isAllowed = 'may' in expected && isAmong(expected.may, of.is(asker, subject));
          if (isAllowed) assert.equal(answer.body.data.id, String(matrix.idOf(of, subject)));
          else assert.equal(outcome(answer), '403 access_denied');
        },
      );
    }
}

async function checkReportLists(matrix: Matrix): Promise<void> {
  const cells = matrix.askers.flatMap((asker) => reportLists.map((list): Cell => ({ ...list, asker })));
  await checkCells(cells, nameOf, async ({ asker, route, expected }) => {
    const answer = await matrix.ask(asker, 'GET', pathOf(route));
    const isAllowed = expected.does === 'list reports' && expected.isFor(asker);
    if (isAllowed) assert.equal(answer.status, 200);
    else assert.equal(outcome(answer), '403 access_denied');
  });
}

/** An organization in X-Organization-Id must show the caller to themselves. */
async function checkCaller(matrix: Matrix): Promise<void> {
  const cells = matrix.askers.flatMap((asker) => callerRoutes.map((show): Cell => ({ ...show, asker })));
  await checkCells(cells, nameOf, async ({ asker, route, of }) => {
    const answer = await matrix.ask(asker, 'GET', pathOf(route));
    const own = of.subjects.find(({ name }) => name === asker.account.name)!;
    if (of.sees(asker, own)) checkObject(matrix, asker, of, own, answer.body.data);
    else assert.equal(outcome(answer), '404 record_not_found');
  });
}

/** An attribute that is asked for alone is read by the same callers. */
async function checkFields(matrix: Matrix): Promise<void> {
  const lists = listsIn(matrix).filter(({ parent }) => parent === null);
  const cells = matrix.askers
    .filter(({ header }) => header === null)
    .flatMap((asker) =>
      lists.flatMap((list) =>
        [...list.of.attributes.keys()].map((attribute) => ({ ...list, asker, attribute })),
      ),
    );
  await checkCells(
    cells,
    (cell) => `${nameOfListCell(cell)}: ${cell.attribute}`,
    async (cell) => {
      const { asker, of, path, attribute } = cell;
      const { body } = await matrix.ask(
        asker,
        'GET',
        `${path}?page[size]=200&fields[${of.type}]=${attribute}`,
      );
      for (const subject of listed(asker, cell)) {
        const id = String(matrix.idOf(of, subject));
        const expected = nullsOf(matrix, asker, of, subject).filter((name) => name === attribute);
        assert.deepEqual(nullNames(body.data.find((one: any) => one.id === id)), expected);
      }
    },
  );
}

async function checkReads(t: TestContext, matrix: Matrix): Promise<void> {
  await t.test('a list has exactly what its reader sees, and counts nothing else', () => checkLists(matrix));
  await t.test('what a reader does not see does not exist', () => checkRecords(matrix));
  await t.test('the caller is shown to themselves', () => checkCaller(matrix));
  await t.test('reports are for those who may ask about the record', () => checkReports(matrix));
  await t.test('lists without a table are for those who may read them', () => checkReportLists(matrix));
  await t.test('sparse fields show nothing more', () => checkFields(matrix));
}

onEachEngine((engine) => {
  for (const given of settings)
    test(`D1 every caller reads what the contract says, ${nameOfSettings(given)}`, async (t) =>
      checkReads(t, await startMatrix(t, engine, given)));
});
