// B16: a POST with an Idempotency-Key can be retried and creates only one record.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openStore } from '../../../src/open-store.ts';
import { deleteExpiredKeys } from '../../../src/resources/operations/delete-expired-keys.ts';
import { users } from '../../../src/resources/users/users.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { type EngineName, emptyDatabase, emptyDatabaseConfig, onEachEngine } from '../../support/engines.ts';
import { brokenRules, ids, outcome } from '../../support/read-answers.ts';
import { startAccount } from '../../support/start-account.ts';
import { type Answer, document, serveStore, startApp, type TestApp } from '../../support/start-app.ts';

const usersPath = '/api/v2/users';
const day = 86_400_000;
const ann = { email: 'ann@email.com', first_name: 'Ann', last_name: 'Lee' };
const password = 'correct horse battery';

async function startPoster(t: TestContext, engine: EngineName) {
  const { app, token, id } = await startAccount(t, engine, { sysadmin: true });
  const post = (key: string, body: unknown, caller = token): Promise<Answer> =>
    app.request('POST', usersPath, { token: caller, body, headers: { 'Idempotency-Key': key } });
  return { app, token, id, post };
}

/**
 * Checks that all these responses show the same record.
 * @returns its id
 */
async function assertOneRecord(app: TestApp, token: string, answers: readonly Answer[]): Promise<number> {
  const made = answers.filter(({ status }) => status === 201);
  for (const answer of answers)
    if (answer.status !== 201) assert.equal(outcome(answer), '409 resource_conflict', answer.text);
  const [id, ...others] = new Set(made.map(({ body }) => Number(body.data.id)));
  assert.ok(id !== undefined && others.length === 0, `${id}, ${others}`);
  const found = await app.request('GET', `${usersPath}?filter[email]=${ann.email}`, { token });
  assert.deepEqual(ids(found), [id]);
  return id;
}

onEachEngine((engine) => {
  test('B16 answers the same request again with the record that the first one made', async (t) => {
    const { app, token, id, post } = await startPoster(t, engine);
    const first = await post('"8e03978e-40d5-43e8-bc93-6894a57f9324"', document({ ...ann, password }));
    assert.equal(first.status, 201, first.text);
    const again = await post('"8e03978e-40d5-43e8-bc93-6894a57f9324"', document({ ...ann, password }));
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    for (const name of ['location', 'etag', 'content-type'])
      assert.equal(again.headers.get(name), first.headers.get(name), name);
    assert.deepEqual(ids(await app.request('GET', usersPath, { token })), [id, id + 1]);
    // And so does another token of the same account.
    const other = await app.createToken(id);
    assert.equal(
      (await post('8e03978e-40d5-43e8-bc93-6894a57f9324', document({ ...ann, password }), other)).text,
      first.text,
    );
  });

  test('B16 takes a body for the same however it is written', async (t) => {
    const { post } = await startPoster(t, engine);
    const flags = '{"a":1,"b":123456789012345678901234567890}';
    const one = `{"data":{"type":"users","attributes":{"email":"ann@email.com","first_name":"Ann","last_name":"Lee","flags":${flags},"preferences":{"x":[1,{"y":2,"z":3}]}}}}`;
    const same = `{ "data": {"attributes":
      {"preferences":{"x":[1,{"z":3,"y":2}]},"last_name":"Lee","first_name":"\\u0041nn", "flags": {"b":123456789012345678901234567890, "a":1}, "email":"ann@email.com"}, "type":"users"}}`;
    const first = await post('k', one);
    assert.equal(first.status, 201, first.text);
    assert.equal((await post('k', same)).text, first.text);
  });

  test('B16 refuses another body under a key that was used, whatever is different in it', async (t) => {
    const { app, token, id, post } = await startPoster(t, engine);
    const body = { ...ann, password, flags: { a: 9007199254740993n, list: 1 }, preferences: { x: [1, 2] } };
    const text = (attributes: Record<string, unknown>) =>
      JSON.stringify(document(attributes), (_, value) =>
        typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value,
      );
    assert.equal((await post('k', text(body))).status, 201);
    const { last_name, ...withoutName } = body;
    const { password: _, ...withoutPassword } = body;
    for (const other of [
      { ...body, email: 'other@email.com' },
      { ...body, first_name: 'ann' },
      { ...body, flags: { a: 9007199254740992n, list: 1 } },
      { ...body, flags: { list: 1 } },
      { ...body, preferences: { x: [2, 1] } },
      { ...body, locale: 'en_US' },
      { ...body, time_zone: null },
      { ...body, nickname: 'Ann' },
      { ...body, password: 'correct horse battery ' },
      { ...body, password: 'x'.repeat(100_000) },
      { ...body, password: null },
      { ...body, password: 12345678 },
      withoutName,
      withoutPassword,
      {},
    ]) {
      const answer = await post('k', text(other));
      assert.equal(outcome(answer), '422 idempotency_key_reused', JSON.stringify(Object.keys(other)));
      assert.match(answer.body.errors[0].detail, /differs from the first request with this Idempotency-Key/);
    }
    assert.equal((await post('k', text(body))).status, 201);
    assert.deepEqual(ids(await app.request('GET', usersPath, { token })), [id, id + 1]);
  });

  test('B16 shows the record as it has become, and what the request asks of it', async (t) => {
    const { app, token, post } = await startPoster(t, engine);
    const first = await post('k', document(ann));
    const path = `${usersPath}/${first.body.data.id}`;
    app.clock.now += 1000;
    const changed = await app.request('PATCH', path, { token, body: document({ last_name: 'Other' }) });
    const again = await post('k', document(ann));
    assert.equal(again.status, 201);
    assert.deepEqual(again.body, changed.body);
    assert.equal(again.headers.get('etag'), changed.headers.get('etag'));
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    const sparse = await app.request('POST', `${usersPath}?fields[users]=last_name`, {
      token,
      body: document(ann),
      headers: { 'Idempotency-Key': 'k' },
    });
    assert.deepEqual(sparse.body.data.attributes, { last_name: 'Other' });
  });

  test('B16 tries no passwords on an account whose user has chosen another since', async (t) => {
    const { app, post } = await startPoster(t, engine);
    const first = await post('k', document({ ...ann, password }));
    const { id } = first.body.data;
    app.clock.now += 1000;
    const chosen = 'a password of her own';
    const own = await app.createToken(Number(id));
    const body = document({ current_password: password, password: chosen });
    assert.equal(
      (await app.request('PATCH', `${usersPath}/${id}/update_password`, { token: own, body })).status,
      200,
    );
    for (const tried of [password, chosen, 'any other password'])
      assert.equal((await post('k', document({ ...ann, password: tried }))).status, 201, tried);
  });

  test('B16 makes one record of fifty requests at once', async (t) => {
    const { app, token, post } = await startPoster(t, engine);
    const at50 = () =>
      Promise.all(Array.from({ length: 50 }, () => post('k', document({ ...ann, password }))));
    const id = await assertOneRecord(app, token, await at50());
    // Once it is created, all of them get it as the response.
    for (const answer of await at50()) {
      if (answer.status === 503) continue;
      assert.equal(answer.status, 201, answer.text);
      assert.equal(Number(answer.body.data.id), id);
    }
  });

  test('B16 makes one record of requests to two instances at once', async (t) => {
    const open = await emptyDatabase(t, engine, { workers: 2 });
    const apps = [await serveStore(t, await open()), await serveStore(t, await open())];
    const { token } = await apps[0]!.createUser({ sysadmin: true });
    for (const attributes of [ann, { ...ann, password }]) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          apps[i % 2]!.request('POST', usersPath, {
            token,
            body: document(attributes),
            headers: { 'Idempotency-Key': 'k' },
          }),
        ),
      );
      const id = await assertOneRecord(apps[0]!, token, answers);
      assert.equal((await apps[1]!.request('DELETE', `${usersPath}/${id}`, { token })).status, 204);
      for (const app of apps) app.clock.now += day;
    }
  });

  test('B16 leaves the key free where nothing was created', async (t) => {
    const { app, token, post } = await startPoster(t, engine);
    assert.deepEqual(brokenRules(await post('k', document({ ...ann, last_name: '' }))), [
      "last_name can't be blank",
    ]);
    assert.equal(outcome(await post('k', '{')), '400 malformed_document');
    assert.equal(outcome(await post('k', { data: { type: 'people' } })), '409 resource_conflict');
    const plain = await app.createUser();
    assert.equal(outcome(await post('k', document(ann), plain.token)), '403 access_denied');
    const taken = await app.createUser({ email: 'ANN@email.com' });
    assert.deepEqual(brokenRules(await post('k', document(ann))), ['email has already been taken']);
    await app.request('DELETE', `${usersPath}/${taken.id}`, { token });
    assert.equal((await post('k', document(ann))).status, 201);
  });

  test('B16 keeps the keys of one account apart from those of another', async (t) => {
    const { app, post } = await startPoster(t, engine);
    const other = await app.createUser({ sysadmin: true });
    const first = await post('k', document(ann));
    const second = await post('k', document({ ...ann, email: 'bob@email.com' }), other.token);
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.notEqual(first.body.data.id, second.body.data.id);
    assert.deepEqual(brokenRules(await post('k2', document(ann), other.token)), [
      'email has already been taken',
    ]);
  });

  test('B16 answers a repeated request by the rights that the caller has now', async (t) => {
    const { app, id, post } = await startPoster(t, engine);
    assert.equal((await post('k', document(ann))).status, 201);
    await app.store.write(({ records }) => records(users).update(id, { sysadmin_permissions: '[]' }));
    assert.equal(outcome(await post('k', document(ann))), '403 access_denied');
  });

  test('B16 says of a record that was deleted since that it was, and makes no second one', async (t) => {
    const { app, token, id, post } = await startPoster(t, engine);
    for (const attributes of [ann, { ...ann, password }]) {
      const key = `k${Object.keys(attributes).length}`;
      const made = await post(key, document(attributes));
      assert.equal(made.status, 201, made.text);
      await app.request('DELETE', `${usersPath}/${made.body.data.id}`, { token });
      const again = await post(key, document(attributes));
      assert.equal(outcome(again), '404 record_not_found');
      assert.match(again.body.errors[0].detail, /has been deleted, or you .*: use a new key/);
    }
    assert.deepEqual(ids(await app.request('GET', usersPath, { token })), [id]);
  });

  test('B16 forgets a key after 24 hours', async (t) => {
    const { app, post } = await startPoster(t, engine);
    const first = await post('k', document(ann));
    app.clock.now += day - 1;
    assert.equal((await post('k', document(ann))).text, first.text);
    assert.equal(
      outcome(await post('k', document({ ...ann, first_name: 'Bob' }))),
      '422 idempotency_key_reused',
    );
    app.clock.now += 1;
    assert.deepEqual(brokenRules(await post('k', document(ann))), ['email has already been taken']);
    const second = await post('k', document({ ...ann, email: 'bob@email.com' }));
    assert.equal(second.status, 201, second.text);
    app.clock.now += day - 1;
    assert.equal((await post('k', document({ ...ann, email: 'bob@email.com' }))).text, second.text);
  });

  test('B16 keeps neither keys nor passwords, and deletes what has expired, a few rows at a time', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const { token, id } = await app.createUser({ sysadmin: true });
    const key = 'a-key-that-nobody-else-can-know';
    const post = (name: string) =>
      app.request('POST', usersPath, {
        token,
        body: document({ ...ann, email: `${name}@email.com`, password }),
        headers: { 'Idempotency-Key': `${key}-${name}` },
      });
    assert.equal((await post('one')).status, 201);
    const [row, ...more] = await rowsOf(config, 'idempotency_keys');
    assert.deepEqual(more, []);
    const { key_hash, body_digest, ...rest } = row!;
    assert.deepEqual(rest, {
      user_id: id,
      route: `POST ${usersPath}`,
      created_id: id + 1,
      created_at: app.clock.now,
    });
    for (const text of [key_hash, body_digest]) assert.match(String(text), /^[\w-]{43}$/);
    assert.equal(JSON.stringify(app.log).includes(key), false);

    await store.write(async ({ idempotencyKeys }) => {
      for (let i = 0; i < 700; i++) {
        const old = { userId: id, route: 'POST /old', keyHash: String(i) };
        await idempotencyKeys.keep(old, { bodyDigest: '', createdId: 1, createdAt: app.clock.now }, 0);
      }
    });
    const left = async () => (await rowsOf(config, 'idempotency_keys')).length;
    const transactions: number[] = [];
    const write: typeof store.write = async (work) => {
      const value = await store.write(work);
      transactions.push(Number(value));
      return value;
    };
    const { signal } = new AbortController();
    const deleteExpired = () => deleteExpiredKeys({ write, signal }, () => app.clock.now);
    app.clock.now += day - 1;
    assert.equal((await post('two')).status, 201);
    assert.equal(await deleteExpired(), 0);
    app.clock.now += 1;
    assert.equal(await deleteExpired(), 701);
    assert.equal(transactions[0], 0);
    assert.ok(transactions.length > 3 && Math.max(...transactions) <= 500, `${transactions}`);
    assert.equal(await left(), 1);
    // The keys of an account are deleted with it.
    assert.equal((await app.request('DELETE', `${usersPath}/${id}`, { token })).status, 409);
    const other = await app.createUser({ sysadmin: true });
    assert.equal((await app.request('DELETE', `${usersPath}/${id}`, { token: other.token })).status, 204);
    assert.equal(await left(), 0);
  });

  test('B16 reads a key with quotes and without, and names the header where it is none', async (t) => {
    const { app, post } = await startPoster(t, engine);
    const pairs = [
      ['"plain-1"', 'plain-1'],
      ['"with \\"quotes\\" and \\\\"', null],
      ['"two words, and a comma"', null],
      [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
      ['user:42/create?a=b;c', '"user:42/create?a=b;c"'],
      ['aGVsbG8+/w==', '"aGVsbG8+/w=="'],
      ['back\\slash', null],
    ] as const;
    for (const [i, [key, same]] of pairs.entries()) {
      const body = document({ ...ann, email: `${i}@email.com` });
      const first = await post(key, body);
      if (key === 'back\\slash') {
        assert.equal(outcome(first), '400 malformed_request');
        continue;
      }
      assert.equal(first.status, 201, `${key} ${first.text}`);
      assert.equal((await post(same ?? key, body)).text, first.text, key);
    }
    for (const key of [
      '',
      '""',
      '"',
      '"open',
      'a, b',
      '"a", "b"',
      'a b',
      'a"b',
      '"é"',
      'é',
      'x'.repeat(256),
      '"a\\b"',
      '"a";x="1"',
    ]) {
      const answer = await post(key, document({ ...ann, email: 'never@email.com' }));
      assert.equal(outcome(answer), '400 malformed_request', JSON.stringify(key));
      assert.match(
        answer.body.errors[0].detail,
        /^Idempotency-Key must be one key of 1 to 255 ASCII characters/,
      );
    }
    assert.equal(await app.store.read.records(users).findByIdentity('email', 'never@email.com'), null);
  });

  test('B16 ignores a key where nothing is created', async (t) => {
    const { app, token, id, post } = await startPoster(t, engine);
    const first = await post('k', document(ann));
    for (const key of ['k', 'a, b', 'x'.repeat(300)]) {
      const headers = { 'Idempotency-Key': key };
      const path = `${usersPath}/${id}`;
      assert.equal((await app.request('GET', path, { token, headers })).status, 200);
      const body = document({ first_name: `Other ${key.length}` });
      assert.equal((await app.request('PATCH', path, { token, headers, body })).status, 200);
    }
    const headers = { 'Idempotency-Key': 'k' };
    const path = `${usersPath}/${first.body.data.id}`;
    assert.equal((await app.request('DELETE', path, { token, headers })).status, 204);
    assert.equal((await app.request('DELETE', path, { token, headers })).status, 404);
  });

  test('B16 needs a token like any other request', async (t) => {
    const app = await startApp(t, engine);
    const headers = { 'Idempotency-Key': 'a, b' };
    assert.equal(
      outcome(await app.request('POST', usersPath, { headers, body: document(ann) })),
      '401 invalid_auth_token',
    );
  });
});
