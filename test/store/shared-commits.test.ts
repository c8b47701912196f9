// What transactions that share a commit do once for all of them, see Engine.leave.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { CompiledQuery } from 'kysely';
import { openEngine } from '../../src/open-store.ts';
import type { Database, Engine, SharedTask } from '../../src/store/sql/engine.ts';
import { emptyDatabaseConfig } from '../support/engines.ts';

async function openedEngine(t: TestContext): Promise<Engine> {
  const engine = await openEngine(await emptyDatabaseConfig(t, 'sqlite'));
  t.after(() => engine.close());
  return engine;
}

const keep = (db: Database, name: string) => db.insertInto('secrets').values({ name, value: '' }).execute();

/** @returns a function that keeps a name in a transaction, which leaves it to the task */
const leaving = (engine: Engine, task: SharedTask<string>) => (name: string) =>
  engine.write(async (db) => {
    await keep(db, `kept ${name}`);
    engine.leave!(task, name);
    return name;
  });

const namesIn = async ({ reader }: Engine) =>
  (await reader.selectFrom('secrets').select('name').where('name', 'like', 'kept %').execute())
    .map(({ name }) => name)
    .sort();

test('what transactions leave is done once for a commit, in their order, and committed with them', async (t) => {
  const engine = await openedEngine(t);
  const calls: string[][] = [];
  const task: SharedTask<string> = async (db, parts) => {
    calls.push([...parts]);
    for (const part of parts) await keep(db, `kept with ${part}`);
  };
  const write = leaving(engine, task);
  await Promise.all([write('b'), write('a')]);
  await write('c');
  assert.deepEqual(calls, [['b', 'a'], ['c']]);
  assert.deepEqual(await namesIn(engine), [
    'kept a',
    'kept b',
    'kept c',
    'kept with a',
    'kept with b',
    'kept with c',
  ]);
});

test('what a transaction that throws has left is not done', async (t) => {
  const engine = await openedEngine(t);
  const done: string[] = [];
  const task: SharedTask<string> = async (_, parts) => void done.push(...parts);
  const failing = engine.write(async (db) => {
    await keep(db, 'kept failing');
    engine.leave!(task, 'failing');
    throw new Error('refused');
  });
  const good = engine.write(async () => engine.leave!(task, 'good'));
  await assert.rejects(failing, /refused/);
  await good;
  assert.deepEqual(done, ['good']);
  assert.deepEqual(await namesIn(engine), []);
});

test('if what they leave fails, each transaction runs again with a commit of its own, and others go on', async (t) => {
  const engine = await openedEngine(t);
  const calls: string[][] = [];
  const task: SharedTask<string> = async (db, parts) => {
    calls.push([...parts]);
    await keep(db, `kept with ${parts.join(' and ')}`);
    if (parts.includes('bad')) throw new Error('cannot be done');
  };
  const write = leaving(engine, task);
  const together = ['a', 'bad', 'c'].map(write);
  const later = Promise.allSettled(together).then(() => Promise.all([write('d'), write('e')]));
  const outcomes = await Promise.allSettled(together);
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message)),
    ['a', 'cannot be done', 'c'],
  );
  await later;
  assert.deepEqual(calls, [['a', 'bad', 'c'], ['a'], ['bad'], ['c'], ['d', 'e']]);
  assert.deepEqual(await namesIn(engine), [
    'kept a',
    'kept c',
    'kept d',
    'kept e',
    'kept with a',
    'kept with c',
    'kept with d and e',
  ]);
});

test('a transaction that ends the one of all, as a statement that does not fit can, fails alone', async (t) => {
  const engine = await openedEngine(t);
  const write = (name: string) => engine.write((db) => keep(db, `kept ${name}`));
  const first = write('a');
  const ending = engine.write(async (db) => {
    await keep(db, 'kept ending');
    await db.executeQuery(CompiledQuery.raw('ROLLBACK'));
    throw new Error('did not fit');
  });
  const outcomes = await Promise.allSettled([first, ending, write('b')]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await namesIn(engine), ['kept a', 'kept b']);
});
