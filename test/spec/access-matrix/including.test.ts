// The access matrix, include: related records are shown to those who see them by themselves, with the attributes that
// are theirs to read.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { maxIncludeDepth } from '../../../src/model/relationship.ts';
import { onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { checkCells, nameOfAsker, tagKeeper, unlikeAskers } from './check-cells.ts';
import { checkObject, seenTarget } from './check-document.ts';
import type { Asker, Expectation, Subject } from './expectation.ts';
import { expectations } from './expectations.ts';
import { listed, listsIn, nameOfList, refusalOf } from './lists.ts';
import { pathOf, routesThat } from './routes.ts';
import { type Matrix, nameOfSettings, settings, startMatrix } from './start-matrix.ts';

/** Every path of relationships, for example `person.user`. */
function pathsOf({ relationships }: Expectation, depth = maxIncludeDepth): string[] {
  if (depth === 0) return [];
  return Object.entries(relationships).flatMap(([name, { to }]) => [
    name,
    ...pathsOf(expectations.get(to)!, depth - 1).map((path) => `${name}.${path}`),
  ]);
}

/** None, each path alone, and all together. The documented API refuses any `include` on users. */
function includesOf(of: Expectation): string[] {
  if (of.type === 'users') return [];
  const paths = pathsOf(of);
  return ['', ...paths, paths.join()];
}

interface Node {
  readonly of: Expectation;
  readonly subject: Subject;
  readonly loaded: Set<string>;
}

/** The records of the answer by type and id, each with the relationships that are loaded. */
function nodesOf(
  matrix: Matrix,
  asker: Asker,
  of: Expectation,
  primary: readonly Subject[],
  include: string,
): Map<string, Node> {
  const nodes = new Map<string, Node>();
  const add = (type: Expectation, subject: Subject): Node => {
    const key = `${type.type} ${matrix.idOf(type, subject)}`;
    const node = nodes.get(key) ?? { of: type, subject, loaded: new Set() };
    nodes.set(key, node);
    return node;
  };
  const follow = (node: Node, [name, ...rest]: readonly string[]): void => {
    if (name === undefined) return;
    node.loaded.add(name);
    const target = seenTarget(asker, node.of, node.subject, name);
    if (target !== null) follow(add(target.of, target.subject), rest);
  };
  for (const subject of primary) {
    const node = add(of, subject);
    for (const path of include.split(',')) follow(node, path === '' ? [] : path.split('.'));
  }
  return nodes;
}

interface Cell {
  readonly name: string;
  readonly asker: Asker;
  readonly of: Expectation;
  readonly url: string;
  readonly include: string;
  readonly primary: readonly Subject[];
}

function cellsOf(matrix: Matrix): Cell[] {
  return matrix.askers.flatMap((asker) => {
    const lists = listsIn(matrix)
      .filter((list) => refusalOf(asker, list) === null)
      .map((list) => ({
        of: list.of,
        url: `${list.path}?page[size]=200&include=`,
        primary: listed(asker, list),
        name: nameOfList(list),
        isWhole: list.parent === null,
      }));
    const records = routesThat('show').flatMap(({ route, of }) =>
      of.subjects
        .filter((subject) => of.sees(asker, subject))
        .map((subject) => ({
          of,
          url: `${pathOf(route, matrix.idOf(of, subject))}?include=`,
          primary: [subject],
          name: `${route.name} ${subject.name}`,
          isWhole: false,
        })),
    );
    // One with all of them for each record, and for each list of a record.
    return [...lists, ...records].flatMap((cell) =>
      includesOf(cell.of)
        .slice(cell.isWhole ? 0 : -1)
        .map((include) => ({ ...cell, asker, include })),
    );
  });
}

async function checkIncludes(matrix: Matrix): Promise<void> {
  const keep = tagKeeper();
  await checkCells(
    cellsOf(matrix),
    ({ name, asker, include }) => `${name} with ${include} by ${nameOfAsker(asker)}`,
    async ({ asker, of, url, include, primary }) => {
      const answer = await matrix.ask(asker, 'GET', url + include);
      assert.equal(answer.status, 200, answer.text);
      keep(url + include, answer);
      const data: any[] = [answer.body.data].flat();
      const nodes = nodesOf(matrix, asker, of, primary, include);
      const keyOf = ({ type, id }: any) => `${type} ${id}`;
      const shown = [...data, ...answer.body.included];
      assert.deepEqual(shown.map(keyOf).sort(), [...nodes.keys()].sort());
      for (const object of shown) {
        const { loaded, ...node } = nodes.get(keyOf(object))!;
        const isIncluded = !data.includes(object);
        checkObject(matrix, asker, node.of, node.subject, object, { loaded, isIncluded });
      }
    },
  );
}

/** The same error for everybody, also for what other types can include. */
async function checkRefusedIncludes(matrix: Matrix): Promise<void> {
  const names = new Set(
    [...expectations.values()].flatMap(({ relationships }) => Object.keys(relationships)),
  );
  const lists = listsIn(matrix).filter(({ parent }) => parent === null);
  const cells = lists.flatMap((list) =>
    [...names, 'nothing', `${[...names][0]}.nothing`]
      .filter((include) => !pathsOf(list.of).includes(include))
      .map((include) => ({ ...list, include })),
  );
  await checkCells(
    cells,
    (cell) => `${nameOfList(cell)} with ${cell.include}`,
    async ({ path, of, include }) => {
      const texts = new Set<string>();
      for (const asker of unlikeAskers(matrix.askers)) {
        const answer = await matrix.ask(asker, 'GET', `${path}?include=${include}`);
        const code = of.type === 'users' ? 'unsupported_parameter' : 'unsupported_include';
        assert.equal(outcome(answer), `400 ${code}`);
        texts.add(answer.text);
      }
      assert.equal(texts.size, 1, 'the error depends on who asks');
    },
  );
}

async function checkAll(t: TestContext, matrix: Matrix): Promise<void> {
  await t.test('include adds what the reader sees, and nothing else', () => checkIncludes(matrix));
  await t.test('an unknown include is refused to everybody in the same words', () =>
    checkRefusedIncludes(matrix),
  );
}

onEachEngine((engine) => {
  for (const given of settings)
    test(`D1 include shows nobody what they do not see, ${nameOfSettings(given)}`, async (t) =>
      checkAll(t, await startMatrix(t, engine, given)));
});
