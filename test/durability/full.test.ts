// E4: a database that has reached its size limit, for which SQLite reports the same error as for a full disk.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assertError } from '../support/assert-error.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
import { type MusterProcess, spawnMuster } from '../support/spawn-muster.ts';
import { type Answer, document, send } from '../support/start-app.ts';

const timeout = 180_000;
const token = 'a-token-of-the-first-account-with-32-characters';
const password = 'a password of the first account';

const serveWithin = (t: TestContext, dataDir: string, maxBytes: number) =>
  spawnMuster(t, {
    env: {
      MUSTER_DATA_DIR: dataDir,
      MUSTER_MAX_DATABASE_BYTES: String(maxBytes),
      MUSTER_BOOTSTRAP_TOKEN: token,
      MUSTER_BOOTSTRAP_PASSWORD: password,
      MUSTER_RATE_LIMIT: '0',
    },
  });

/** Every other client sends little, which may fit where what others send does not. */
const preferencesOf = (email: string) => 'x'.repeat(/^client\d*[13579]-/.test(email) ? 10 : 4000);

function create(muster: MusterProcess, email: string): Promise<Answer> {
  const attributes = {
    email,
    first_name: email.replace('@', ' '),
    last_name: 'surname',
    preferences: preferencesOf(email),
  };
  return send(muster.url, 'POST', '/api/v2/users', { token, body: document(attributes) });
}

function assertFull(answer: Answer): void {
  assertError(answer, 503, 'service_unavailable');
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
}

/**
 * Eight clients that create users until the database is full.
 * @returns the ids of acknowledged users, by email
 */
async function fill(muster: MusterProcess): Promise<Map<string, string>> {
  const acknowledged = new Map<string, string>();
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let i = 0, refused = 0; refused < 10; i++) {
      const email = `client${client}-${i}@email.com`;
      const answer = await create(muster, email);
      if (answer.status === 201) acknowledged.set(email, answer.body.data.id);
      else {
        assertFull(answer);
        refused++;
      }
    }
  });
  await Promise.all(clients);
  return acknowledged;
}

async function assertAllThere(muster: MusterProcess, acknowledged: ReadonlyMap<string, string>) {
  for (const [email, id] of acknowledged) {
    const { status, body } = await send(muster.url, 'GET', `/api/v2/users/${id}`, { token });
    assert.equal(status, 200, email);
    assert.equal(body.data.attributes.email, email);
    assert.equal(body.data.attributes.preferences, preferencesOf(email));
  }
  const list = await send(muster.url, 'GET', '/api/v2/users?page[size]=1', { token });
  // No refused user is in the database.
  assert.equal(list.body.meta.total_count, acknowledged.size + 1, JSON.stringify(list.body.meta));
}

test('E4 a full database answers writes with 503 and goes on reading; with room, writes go on and none was lost', {
  timeout,
}, async (t) => {
  const dataDir = await temporaryFolder(t);
  const full = await serveWithin(t, dataDir, 850_000);
  const acknowledged = await fill(full);
  assert.ok(acknowledged.size > 10, `only ${acknowledged.size} fitted`);
  await assertAllThere(full, acknowledged);

  const body = document({ preferences: 'y'.repeat(60_000) });
  const patched = await send(full.url, 'PATCH', '/api/v2/users/1', { token, body });
  assertFull(patched);
  const me = await send(full.url, 'GET', '/api/v2/users/1', { token });
  assert.equal(me.body.data.attributes.preferences, null);
  const search = await send(full.url, 'GET', '/api/v2/users?filter[query]=client0-0', { token });
  assert.equal(search.status, 200);
  assert.equal((await fetch(`${full.url}/health/ready`)).status, 200);
  assert.equal(full.log.filter(({ level }) => level === 60).length, 0);
  assert.deepEqual(await full.stop(), { code: 0, signal: null });

  // With a limit of its current size, it still starts.
  const still = await serveWithin(t, dataDir, 850_000);
  await assertAllThere(still, acknowledged);
  assertFull(await send(still.url, 'PATCH', '/api/v2/users/1', { token, body }));
  assert.deepEqual(await still.stop(), { code: 0, signal: null });

  const larger = await serveWithin(t, dataDir, 7_000_000);
  await assertAllThere(larger, acknowledged);
  assert.equal((await send(larger.url, 'PATCH', '/api/v2/users/1', { token, body })).status, 200);
  const more = await Promise.all(Array.from({ length: 20 }, (_, i) => create(larger, `more${i}@email.com`)));
  assert.deepEqual([...new Set(more.map(({ status }) => status))], [201]);
  await larger.stop();
  assert.deepEqual(await findings(await commandLine(t, { MUSTER_DATA_DIR: dataDir }), 'error'), []);
});

test('E4 a write that does not fit takes none of those along that share its commit', {
  timeout,
}, async (t) => {
  const dataDir = await temporaryFolder(t);
  const muster = await serveWithin(t, dataDir, 850_000);
  const acknowledged = await fill(muster);
  const path = '/api/v2/users/1';
  const rename = (first_name: string) =>
    send(muster.url, 'PATCH', path, { token, body: document({ first_name }) });
  // One write that needs space among many that do not.
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, (_, i) => rename(`round ${round} number ${i}`)),
      send(muster.url, 'PATCH', path, { token, body: document({ preferences: 'y'.repeat(60_000) }) }),
    ]);
    assertFull(answers.at(-1)!);
    for (const answer of answers.slice(0, -1)) if (answer.status !== 200) assertFull(answer);
    const last = answers.slice(0, -1).filter(({ status }) => status === 200);
    const { body } = await send(muster.url, 'GET', path, { token });
    const names = last.map((answer) => answer.body.data.attributes.first_name);
    if (names.length > 0) assert.ok(names.includes(body.data.attributes.first_name), round.toString());
  }
  await assertAllThere(muster, acknowledged);
  await muster.stop();
  assert.deepEqual(await findings(await commandLine(t, { MUSTER_DATA_DIR: dataDir }), 'error'), []);
});
