// What a request asks a database server: few statements, and the look-ups of requests that come together are one.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Page } from '../../src/model/query.ts';
import { openEngine, product } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { type EngineName, emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';
import { recordedQueries } from '../support/recorded-queries.ts';
import { serveStore } from '../support/start-app.ts';

const people = 30;
const unknownId = 999_999;

async function start(t: TestContext, engineName: EngineName) {
  const engine = await openEngine(await emptyDatabaseConfig(t, engineName));
  t.after(() => engine.close());
  const recorded = recordedQueries(engine);
  const store = sqlStore(recorded.engine, product.resources);
  const app = await serveStore(t, store);
  const ids: number[] = [];
  for (let i = 0; i < people; i++) ids.push((await app.createUser({ email: `person${i}@example.com` })).id);
  const { token } = await app.createUser({ sysadmin: true });
  return { app, ids, token, recorded, records: store.read.records(users) };
}

onEachEngine((engine) => {
  test('a user by its address, over HTTP: its token, and its row with the state of the list', async (t) => {
    const { app, ids, token, recorded } = await start(t, engine);
    for (const [address, found] of [
      ['person7@example.com', [String(ids[7])]],
      ['PERSON8@Example.COM', [String(ids[8])]],
      ['nobody@example.com', []],
    ] as const) {
      recorded.taken();
      const { body } = await app.request('GET', `/api/v2/users?filter[email]=${address}`, { token });
      if (engine === 'postgres') assert.equal(recorded.taken().length, 2);
      assert.deepEqual(
        body.data.map(({ id }: { id: string }) => id),
        found,
      );
      assert.equal(body.meta.total_count, found.length);
    }
  });

  test('lists by addresses, many at once: none sees the page, or the error, of another', async (t) => {
    const { app, ids, token } = await start(t, engine);
    const list = (address: string, ifNoneMatch = '""') =>
      app.request('GET', `/api/v2/users?filter[email]=${address}`, {
        token,
        headers: { 'If-None-Match': ifNoneMatch },
      });
    const alone = await list('person4%00@example.com');
    const wanted = ids.map((_, i) => `person${i}@example.com`);
    const [strange, ...answers] = await Promise.all(
      ['person4%00@example.com', ...wanted].map((address) => list(address)),
    );
    assert.deepEqual([strange!.status, strange!.body], [alone.status, alone.body]);
    assert.deepEqual(
      answers.map(({ body }) => body.data.map(({ id }: { id: string }) => id)),
      ids.map((id) => [String(id)]),
    );

    const etag = answers[3]!.headers.get('etag')!;
    assert.equal((await list(wanted[3]!, etag)).status, 304);
    const changes = { first_name: 'Somebody' };
    const changed = await app.request('PATCH', `/api/v2/users/${ids[3]}`, {
      token,
      body: { data: { type: 'users', id: String(ids[3]), attributes: changes } },
    });
    assert.equal(changed.status, 200);
    const after = await list(wanted[3]!, etag);
    assert.equal(after.status, 200);
    assert.equal(after.body.data[0].attributes.first_name, changes.first_name);
  });

  test('pages of users by their addresses, many at once: each gets its own', async (t) => {
    const { ids, recorded, records } = await start(t, engine);
    const asked: (readonly [string, number | undefined])[] = ids.map((id, i) => [
      `person${i}@example.com`,
      id,
    ]);
    asked.push(['PERSON3@Example.COM', ids[3]], ['nobody@example.com', undefined], asked[5]!);
    const page: Page = { by: 'number', number: 1, size: 30 };
    const sort = [{ attribute: 'id', descending: false }];
    recorded.taken();
    const found = await Promise.all(
      asked.map(async ([address]) => {
        const filter = { attribute: 'email', operator: 'eq', values: [address] } as const;
        const query = { filter, sort, page, fields: null };
        return (await records.stateWithPage(query, null)).page ?? records.page(query, null, null);
      }),
    );
    if (engine === 'postgres') assert.equal(recorded.taken().length, 1);
    assert.deepEqual(
      found.map((rows) => rows.map(({ id, sortKey }) => [id, sortKey])),
      asked.map(([, id]) => (id === undefined ? [] : [[id, [id]]])),
    );
  });

  test('users by their ids, many at once: each gets its own', async (t) => {
    const { ids, recorded, records } = await start(t, engine);
    const asked = [...ids, ids[4]!, unknownId, ids[9]!];
    recorded.taken();
    const found = await Promise.all(asked.map((id) => records.find(id)));
    if (engine === 'postgres') assert.equal(recorded.taken().length, 1);
    assert.deepEqual(
      found.map((row) => row?.id),
      asked.map((id) => (id === unknownId ? undefined : id)),
    );
    assert.deepEqual(
      found.slice(0, people).map((row) => row!.email),
      ids.map((_, i) => `person${i}@example.com`),
    );
  });
});
