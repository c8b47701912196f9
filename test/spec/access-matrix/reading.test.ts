// The access matrix, reads: which records each caller sees in lists and by id, and which of their attributes.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { ids, outcome, walk } from '../../support/read-answers.ts';
import type { Answer } from '../../support/start-app.ts';
import { checkCells, fingerprint, nameOfAsker } from './check-cells.ts';
import { checkObject, idsOf, nullNames, nullsOf, seenBy } from './check-document.ts';
import type { Asker } from './expectation.ts';
import { type ExpectedRoute, pathOf, routesThat } from './routes.ts';
import { type Matrix, nameOfSettings, noRecord, settings, startMatrix } from './start-matrix.ts';

const lists = routesThat('list');
const shows = routesThat('show');
const callerRoutes = routesThat('show caller');

interface Cell extends ExpectedRoute {
  readonly asker: Asker;
}

const nameOf = ({ asker, route }: Cell) => `${route.name} by ${nameOfAsker(asker)}`;

/** One answer for each tag of a URL, whoever asks: otherwise somebody's 304 would be for another's document. */
function tagKeeper() {
  const texts = new Map<string, string>();
  return (path: string, { headers, text }: Answer): void => {
    const key = `${path} ${headers.get('etag')}`;
    assert.equal(texts.get(key) ?? text, text, 'another answer has the same tag');
    texts.set(key, text);
  };
}

async function checkLists(matrix: Matrix): Promise<void> {
  const keep = tagKeeper();
  const cells = matrix.askers.flatMap((asker) => lists.map((list): Cell => ({ ...list, asker })));
  await checkCells(cells, nameOf, async ({ asker, route, of }) => {
    const path = `${pathOf(route)}?page[size]=200`;
    const answer = await matrix.ask(asker, 'GET', path);
    const seen = seenBy(matrix, asker, of);
    assert.deepEqual(ids(answer), idsOf(matrix, of, seen));
    assert.equal(answer.body.meta.total_count, seen.length);
    for (const [i, subject] of seen.entries()) checkObject(matrix, asker, of, subject, answer.body.data[i]);
    keep(path, answer);
    const token = matrix.tokenOf(asker.account);
    const pages = await walk(
      matrix.app,
      `${pathOf(route)}?page[after]=&page[size]=7`,
      token,
      matrix.headersOf(asker),
    );
    assert.deepEqual(pages.flatMap(ids), idsOf(matrix, of, seen));
    const beyond = await matrix.ask(asker, 'GET', `${pathOf(route)}?page[size]=1&page[number]=${noRecord}`);
    assert.deepEqual([ids(beyond), beyond.body.meta.total_count], [[], seen.length]);
  });
}

/** A record that the caller does not see is answered as one that does not exist, whatever else is asked. */
async function checkRecords(matrix: Matrix): Promise<void> {
  const keep = tagKeeper();
  for (const show of shows) {
    const { route, of } = show;
    const tags = new Map<number, string>();
    for (const subject of of.subjects) {
      const id = matrix.idOf(of, subject);
      const { headers } = await matrix.ask(matrix.root, 'GET', pathOf(route, id));
      tags.set(id, headers.get('etag')!);
    }
    const anyTag = [...tags.values()].join(', ');
    for (const asker of matrix.askers) {
      const missing = (query: string, headers: Record<string, string> = {}) =>
        matrix.ask(asker, 'GET', pathOf(route, noRecord) + query, { headers });
      const known = { 'If-None-Match': anyTag };
      const fields = `?fields[${of.type}]=${[...of.attributes.keys()].join()}`;
      const nothing = fingerprint(await missing(''));
      assert.equal(nothing.status, 404);
      assert.deepEqual(fingerprint(await missing(fields, known)), nothing);
      await checkCells(
        of.subjects,
        ({ name }) => `${nameOf({ ...show, asker })}: ${name}`,
        async (subject) => {
          const path = pathOf(route, matrix.idOf(of, subject));
          const answer = await matrix.ask(asker, 'GET', path);
          if (of.sees(asker, subject)) {
            assert.equal(answer.status, 200);
            checkObject(matrix, asker, of, subject, answer.body.data);
            keep(path, answer);
            return;
          }
          assert.deepEqual(fingerprint(answer), nothing);
          const asked = await matrix.ask(asker, 'GET', path + fields, { headers: known });
          assert.deepEqual(fingerprint(asked), nothing);
        },
      );
    }
  }
}

/** An organization in X-Organization-Id must show the caller to themselves. */
async function checkCaller(matrix: Matrix): Promise<void> {
  const cells = matrix.askers.flatMap((asker) => callerRoutes.map((show): Cell => ({ ...show, asker })));
  await checkCells(cells, nameOf, async ({ asker, route, of }) => {
    const answer = await matrix.ask(asker, 'GET', pathOf(route));
    if (of.sees(asker, asker.account)) checkObject(matrix, asker, of, asker.account, answer.body.data);
    else assert.equal(outcome(answer), '404 record_not_found');
  });
}

/** An attribute that is asked for alone is read by the same callers. */
async function checkFields(matrix: Matrix): Promise<void> {
  const cells = matrix.askers.flatMap((asker) =>
    lists.flatMap((list) =>
      [...list.of.attributes.keys()].map((attribute) => ({ ...list, asker, attribute })),
    ),
  );
  await checkCells(
    cells.filter(({ asker }) => asker.header === null),
    (cell) => `${nameOf(cell)}: ${cell.attribute}`,
    async ({ asker, route, of, attribute }) => {
      const path = `${pathOf(route)}?page[size]=200&fields[${of.type}]=${attribute}`;
      const { body } = await matrix.ask(asker, 'GET', path);
      for (const [i, subject] of seenBy(matrix, asker, of).entries())
        assert.deepEqual(
          nullNames(body.data[i]),
          nullsOf(matrix, asker, of, subject).filter((name) => name === attribute),
        );
    },
  );
}

async function checkReads(t: TestContext, matrix: Matrix): Promise<void> {
  await t.test('a list has exactly what its reader sees, and counts nothing else', () => checkLists(matrix));
  await t.test('what a reader does not see does not exist', () => checkRecords(matrix));
  await t.test('the caller is shown to themselves', () => checkCaller(matrix));
  await t.test('sparse fields show nothing more', () => checkFields(matrix));
}

onEachEngine((engine) => {
  for (const given of settings)
    test(`D1 every caller reads what the contract says, ${nameOfSettings(given)}`, async (t) =>
      checkReads(t, await startMatrix(t, engine, given)));
});
