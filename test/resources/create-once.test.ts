// The mechanism of Idempotency-Key, with its own resource instead of users.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiError } from '../../src/errors.ts';
import type { RecordOf } from '../../src/model/resource.ts';
import type { Reply, Services, WriteCall } from '../../src/resources/operation.ts';
import { type Creation, createOnce } from '../../src/resources/operations/create-once.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { users } from '../../src/resources/users/users.ts';
import type { Store } from '../../src/store/store.ts';
import { type EngineName, emptyStore, onEachEngine } from '../support/engines.ts';
import { document } from '../support/start-app.ts';

const now = Date.parse('2026-03-17T04:04:00.843Z');

interface Toy {
  readonly store: Store;
  readonly made: number[];
  /** Each creation waits for this before it writes. */
  gate: () => Promise<void>;
  /** @param process number of the process; processes share only the database */
  post(
    path: string,
    options?: { id?: number; key?: string | null; name?: string; process?: number },
  ): Promise<Reply>;
}

/** A creation that accepts any body and creates an organization. */
async function startToy(t: TestContext, engine: EngineName): Promise<Toy> {
  const store = await emptyStore(t, engine);
  const person = { email: 'a@email.com', first_name: 'Ann', last_name: 'Lee', updated_at: now };
  const userId = await store.write(({ records }) => records(users).insert(person));
  const creation: Creation = {
    resource: users,
    passwords: [],
    permit() {},
    async create(_services, { write }, _attributes, created) {
      await toy.gate();
      const id = await write(async (transaction) => {
        const organizationId = await insertOrganization(transaction, { name: 'Acme' }, now);
        await created(transaction, organizationId);
        return organizationId;
      });
      toy.made.push(id);
      return { id, revision: 1, shown: null };
    },
    find: async (_services, _call, id): Promise<RecordOf | null> => ({ id, revision: 1, shown: null }),
    hasPasswords: async () => true,
    reply: (_services, _call, row) => ({ status: 201, body: String(row.id) }),
  };
  const operations = new Map<string, ReturnType<typeof createOnce>>();
  const toy: Toy = {
    store,
    made: [],
    gate: async () => {},
    async post(path, { id, key = 'k', name = 'Ann', process = 1 } = {}) {
      const served = `${path} by ${process}`;
      const operation = operations.get(served) ?? createOnce(path, creation);
      operations.set(served, operation);
      const services = { store, clock: () => now } as unknown as Services;
      const body = Buffer.from(JSON.stringify(document({ first_name: name })));
      const { write } = store;
      const call = { actor: { userId }, ids: { id }, idempotencyKey: key, query: '', body, write };
      return operation(services, call as unknown as WriteCall);
    },
  };
  return toy;
}

const isConflict = (error: unknown) =>
  error instanceof ApiError && error.code === 'resource_conflict' && error.headers['Retry-After'] === '1';

onEachEngine((engine) => {
  test('B16 refuses a request whose key is in progress, and answers it when that is done', async (t) => {
    const toy = await startToy(t, engine);
    const { promise, resolve } = Promise.withResolvers<void>();
    toy.gate = () => promise;
    const first = toy.post('/toys');
    await assert.rejects(toy.post('/toys'), isConflict);
    await assert.rejects(toy.post('/toys', { name: 'Bob' }), isConflict);
    // Another key, another route and a missing key are independent.
    const others = [
      toy.post('/toys', { key: 'other' }),
      toy.post('/dolls'),
      toy.post('/toys', { key: null }),
    ];
    resolve();
    const answers = await Promise.all([first, ...others]);
    assert.equal(new Set(answers.map(({ body }) => body)).size, 4);
    assert.deepEqual(await toy.post('/toys'), answers[0]);
    assert.equal(toy.made.length, 4);
  });

  test('B16 keeps the keys of one route apart from those of another, and of the records in its path', async (t) => {
    const toy = await startToy(t, engine);
    const path = '/organizations/{id}/toys';
    const answers = [
      await toy.post('/toys'),
      await toy.post(path, { id: 1, name: 'Bob' }),
      await toy.post(path, { id: 2 }),
    ];
    assert.equal(toy.made.length, 3);
    assert.deepEqual(await toy.post(path, { id: 2 }), answers[2]);
    assert.deepEqual(await toy.post(path, { id: 1, name: 'Bob' }), answers[1]);
    assert.equal(toy.made.length, 3);
  });

  test('B16 frees the key of a creation that failed', async (t) => {
    const toy = await startToy(t, engine);
    toy.gate = () => Promise.reject(new Error('not now'));
    await assert.rejects(toy.post('/toys'), /not now/);
    toy.gate = async () => {};
    assert.equal((await toy.post('/toys', { name: 'Bob' })).status, 201);
  });

  test('B16 writes nothing where another process has used the key meanwhile, and answers with its record', async (t) => {
    const toy = await startToy(t, engine);
    const { promise, resolve } = Promise.withResolvers<void>();
    toy.gate = () => promise;
    const late = toy.post('/toys');
    toy.gate = async () => {};
    const earlier = await toy.post('/toys', { process: 2 });
    resolve();
    assert.deepEqual(await late, earlier);
    assert.equal(toy.made.length, 1);
    assert.equal((await toy.store.read.organizations.list()).length, 1);
  });
});
