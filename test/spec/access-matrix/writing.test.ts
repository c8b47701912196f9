// The access matrix, writes: who may write which record, which attributes, and that a refused write changes nothing.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ValuesOf } from '../../../src/model/resource.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import { onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import type { Answer } from '../../support/start-app.ts';
import { isSysadmin, root } from './accounts.ts';
import { checkCells, fingerprint, nameOfAsker } from './check-cells.ts';
import { type Asker, type Expectation, isAmong, type Subject } from './expectation.ts';
import { expectations, writesOf } from './expectations.ts';
import { type ExpectedRoute, pathOf, routesThat } from './routes.ts';
import { type Matrix, nameOfSettings, noRecord, settings, startMatrix } from './start-matrix.ts';
import { assertSameTables, counts, readTables } from './tables.ts';
import { columnsIn, removeMails } from './writes.ts';

interface Cell extends ExpectedRoute {
  readonly asker: Asker;
  /** Null if the path names none. */
  readonly subject: Subject | null;
  /** The record in the path under which one is created; null for none. */
  readonly parent: { readonly of: Expectation; readonly subject: Subject } | null;
}

function cellsOf({ askers, root: { membersSeeEachOther } }: Matrix): Cell[] {
  // Who may write does not depend on who sees whom; what is answered to others does.
  const routes = membersSeeEachOther
    ? routesThat('create', 'update')
    : routesThat('create', 'update', 'delete', 'act', 'send again', 'delete own');
  return routes.flatMap((routed) =>
    askers.flatMap((asker) => {
      const { does } = routed.expected;
      const subjects = does === 'create' || does === 'delete own' ? [null] : routed.of.subjects;
      const parents = parentsOf(routed);
      return subjects.flatMap((subject) => parents.map((parent) => ({ ...routed, asker, subject, parent })));
    }),
  );
}

function parentsOf({ expected }: ExpectedRoute): Cell['parent'][] {
  if (expected.does !== 'create' || expected.under === undefined) return [null];
  const of = expectations.get(expected.under)!;
  return of.subjects.map((subject) => ({ of, subject }));
}

/** Id of the record in the path; null if it names none. */
function idInPath(matrix: Matrix, { of, subject, parent }: Cell): number | null {
  return parent === null ? subject && matrix.idOf(of, subject) : matrix.idOf(parent.of, parent.subject);
}

const nameOf = ({ route, asker, subject, parent }: Cell) =>
  [route.name, (subject ?? parent?.subject)?.name ?? [], 'by', nameOfAsker(asker)].flat().join(' ');

/** The status of a refusal; null if the caller may. */
function refusalOf({ asker, expected, parent, ...cell }: Cell): number | null {
  const { of, subject } = parent ?? cell;
  if (subject !== null && !of.sees(asker, subject)) return 404;
  return !('may' in expected) || isAmong(expected.may, of.is(asker, subject)) ? null : 403;
}

function valuesOf(matrix: Matrix, { of, subject, parent, route, asker }: Cell) {
  const words = [route.name, (subject ?? parent?.subject)?.name, asker.account.name, asker.header].filter(
    Boolean,
  );
  return writesOf(of.type).values(matrix, subject, words.join('-').toLowerCase(), asker);
}

const passwords = { current_password: 'password1234', password: 'a new password 1234' };

async function checkRefusals(matrix: Matrix): Promise<void> {
  const before = await readTables(matrix.config);
  const refused = cellsOf(matrix).filter((cell) => refusalOf(cell) !== null);
  /** Answers for a record that there is not. */
  const missing = new Map<string, Answer>();
  await checkCells(refused, nameOf, async (cell) => {
    const { route, expected, of, asker } = cell;
    const attributes = expected.does === 'act' ? passwords : valuesOf(matrix, cell);
    const body = route.body === 'none' ? undefined : { data: { type: of.type, attributes } };
    const headers: Record<string, string> = route.method === 'POST' ? { 'Idempotency-Key': 'a-key' } : {};
    const write = (id: number | null, options = {}): Promise<Answer> =>
      matrix.ask(asker, route.method, pathOf(route, id), { body, headers, ...options });
    const id = idInPath(matrix, cell);
    const answer = await write(id);
    if (refusalOf(cell) === 403) {
      assert.equal(outcome(answer), '403 access_denied');
      return;
    }
    const key = `${route.name} ${nameOfAsker(asker)}`;
    const nothing = missing.get(key) ?? (await write(noRecord));
    missing.set(key, nothing);
    assert.equal(outcome(nothing), '404 record_not_found');
    assert.deepEqual(fingerprint(answer), fingerprint(nothing));
    if (asker.header !== null) return;
    // Neither its version nor the form of the body makes a difference.
    const wrong = { headers: { 'If-Match': '*' }, ...(body && { body: '{' }) };
    assert.deepEqual(fingerprint(await write(id, wrong)), fingerprint(nothing));
  });
  assertSameTables(await readTables(matrix.config), before);
}

/** The attributes of those given that the caller may give. */
function namesThat(action: 'creates' | 'changes', { of, asker, subject }: Cell): string[] {
  const is = of.is(asker, subject);
  return [...of.attributes].filter(([, rights]) => isAmong(rights[action], is)).map(([name]) => name);
}

async function checkCreation(matrix: Matrix, cell: Cell): Promise<void> {
  const { route, of, asker } = cell;
  const attributes = valuesOf(matrix, cell);
  const body = { data: { type: of.type, attributes } };
  const { cannotCreate, undoCreation } = writesOf(of.type);
  const answer = await matrix.ask(asker, 'POST', pathOf(route, idInPath(matrix, cell)), { body });
  if (cannotCreate?.(asker)) {
    assert.match(outcome(answer), /^422 /);
    return;
  }
  assert.equal(answer.status, 201, answer.text);
  const { id, attributes: shown } = answer.body.data;
  const given = Object.keys(shown).filter(
    (name) => JSON.stringify(shown[name]) === JSON.stringify(attributes[name]),
  );
  await undoCreation(matrix, asker, Number(id));
  assert.deepEqual(given, namesThat('creates', cell));
}

async function checkUpdate(matrix: Matrix, cell: Cell): Promise<void> {
  const { route, of, asker } = cell;
  const subject = cell.subject!;
  const id = matrix.idOf(of, subject);
  const records = matrix.app.store.read.records(route.resource);
  const { kept, follows, generated } = writesOf(of.type);
  const attributes = valuesOf(matrix, cell);
  const body = { data: { type: of.type, attributes } };
  const answer = await matrix.ask(asker, route.method, pathOf(route, id), { body });
  assert.equal(answer.status, 200, answer.text);
  const before = matrix.rowOf(of, subject);
  const after = (await records.find(id))!;
  const original = columnsIn(route.resource, before) as ValuesOf<typeof route.resource>;
  await matrix.app.store.write(
    async (transaction) => void (await transaction.records(route.resource).update(id, original)),
  );
  const changed = Object.keys(before).filter((name) => after[name] !== before[name]);
  const may = namesThat('changes', cell).filter((name) => !kept?.(subject).includes(name));
  const expected = [...may, ...Object.keys(follows).filter((name) => may.includes(follows[name]!))];
  assert.deepEqual(
    changed.filter((name) => name !== 'shown' && !counts.includes(name)).sort(),
    expected.sort(),
  );
  for (const name of generated) assert.notEqual(after[name], attributes[name]);
}

async function checkDeletion(matrix: Matrix, { route, of, asker, subject }: Cell): Promise<void> {
  const { id, headers, undo } = await writesOf(of.type).copy(matrix, asker, subject!);
  const answer = await matrix.ask(asker, 'DELETE', pathOf(route, id), { headers });
  const left = await matrix.app.store.read.records(route.resource).find(id);
  await undo?.();
  assert.equal(answer.status, 204, answer.text);
  assert.equal(left, null);
}

/** Of two sign-ins of the caller, of which one asks. */
async function checkOwnDeletion(matrix: Matrix, { route, expected, asker }: Cell): Promise<void> {
  const { app, tokenOf, idOf, headersOf, askAs } = matrix;
  assert.ok(expected.does === 'delete own');
  const id = idOf({ type: 'users' }, asker.account);
  const [own, other] = [
    await app.createToken(id, { machine: false }),
    await app.createToken(id, { machine: false }),
  ];
  const answer = await askAs(own, 'DELETE', pathOf(route), { headers: headersOf(asker) });
  const valid = [];
  for (const token of [own, other, tokenOf(asker.account)]) {
    const session = await app.store.authenticate(hashToken(token), null);
    valid.push(session !== null);
    if (session?.machine === false) await app.store.write(({ sessions }) => sessions.end(session.sessionId));
  }
  assert.equal(answer.status, 204, answer.text);
  assert.deepEqual(valid, expected.stays === 'caller' ? [true, false, true] : [false, true, true]);
}

/**
 * A body without the attributes that the act needs: what is missing is told to those who may act. An act that needs
 * none is done.
 */
async function checkAct(matrix: Matrix, { route, of, asker, subject }: Cell): Promise<void> {
  const path = pathOf(route, matrix.idOf(of, subject!));
  if (route.body === 'none') {
    assert.equal((await matrix.ask(asker, route.method, path)).status, 200);
    return;
  }
  const body = { data: { type: of.type, attributes: {} } };
  assert.match(outcome(await matrix.ask(asker, route.method, path, { body })), /^422 /);
}

/**
 * In a PATCH, the id of a record that the caller does not see is answered as an id that there is not, and changes
 * nothing. Without X-Organization-Id, sysadmins see every record.
 */
async function checkReferences(matrix: Matrix): Promise<void> {
  const before = await readTables(matrix.config, counts);
  const isAsked = ({ asker, expected }: Cell) =>
    expected.does === 'update' && asker.header === null && !isSysadmin(asker.account);
  const permitted = cellsOf(matrix).filter((cell) => isAsked(cell) && refusalOf(cell) === null);
  const cells = permitted.flatMap((cell) =>
    Object.entries(writesOf(cell.of.type).references).map(([name, to]) => ({ ...cell, name, to })),
  );
  await checkCells(
    cells,
    (cell) => `${nameOf(cell)}: ${cell.name}`,
    async ({ route, of, asker, subject, name, to }) => {
      const target = expectations.get(to)!;
      const unseen = target.subjects.find((one) => !target.sees(asker, one));
      if (unseen === undefined) return;
      const answers: string[] = [];
      for (const id of [matrix.idOf(target, unseen), noRecord]) {
        const attributes = { [name]: of.attributes.has(name) ? id : String(id) };
        const path = pathOf(route, matrix.idOf(of, subject!));
        const body = { data: { type: of.type, attributes } };
        const { status, text } = await matrix.ask(asker, route.method, path, { body });
        answers.push(`${status} ${text}`);
      }
      assert.equal(answers[0], answers[1]);
    },
  );
  assertSameTables(await readTables(matrix.config, counts), before);
}

/** The record and what was sent are put back. */
async function checkSending(matrix: Matrix, { route, of, asker, subject }: Cell): Promise<void> {
  const id = matrix.idOf(of, subject!);
  const answer = await matrix.ask(asker, route.method, pathOf(route, id));
  const original = columnsIn(route.resource, matrix.rowOf(of, subject!)) as ValuesOf<typeof route.resource>;
  await matrix.app.store.write(async (transaction) => {
    await transaction.records(route.resource).update(id, original);
    await removeMails(transaction);
  });
  assert.equal(answer.status, 204, answer.text);
}

const checks = {
  create: checkCreation,
  update: checkUpdate,
  delete: checkDeletion,
  'delete own': checkOwnDeletion,
  act: checkAct,
  'send again': checkSending,
};

async function checkPermissions(matrix: Matrix): Promise<void> {
  const before = await readTables(matrix.config, counts);
  // What a sysadmin with all powers may do, those with one may do together.
  const permitted = cellsOf(matrix).filter(
    (cell) => refusalOf(cell) === null && (cell.asker.account !== root || cell.asker.header === null),
  );
  // One after the other: a change is undone before the next one.
  const check = (cell: Cell) => checks[cell.expected.does as keyof typeof checks](matrix, cell);
  await checkCells(permitted, nameOf, check, 1);
  assertSameTables(await readTables(matrix.config, counts), before);
}

function checkValues(matrix: Matrix): void {
  for (const { of } of routesThat('create', 'update')) {
    const values = writesOf(of.type).values(matrix, null, 'values', matrix.root);
    const missing = [...of.attributes.keys(), ...of.hidden].filter((name) => values[name] === undefined);
    assert.deepEqual(missing, [], `no value of ${of.type} is sent`);
  }
}

async function checkWrites(t: TestContext, matrix: Matrix): Promise<void> {
  await t.test('every attribute is sent, also those that nobody may give', () => checkValues(matrix));
  await t.test('a refused write changes nothing, and is answered alike for what is not seen', () =>
    checkRefusals(matrix),
  );
  await t.test('who may write changes the attributes that are theirs to change, and no other record', () =>
    checkPermissions(matrix),
  );
  await t.test('a body tells nothing of records that the writer does not see', () => checkReferences(matrix));
}

onEachEngine((engine) => {
  for (const given of settings)
    test(`D2 every caller writes what the contract says, ${nameOfSettings(given)}`, async (t) =>
      checkWrites(t, await startMatrix(t, engine, given)));
});
