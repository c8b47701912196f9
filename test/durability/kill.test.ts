// E1, after Jepsen's set test: what was acknowledged is there, however often the process is killed.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { commandLine, findings } from '../support/command-line.ts';
import { temporaryFolder } from '../support/engines.ts';
import { type MusterProcess, spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const kills = Number(process.env.MUSTER_TEST_KILLS ?? 30);
const clientCount = 8;
const token = 'a-token-of-the-first-account-with-32-characters';
const settings = {
  MUSTER_BOOTSTRAP_TOKEN: token,
  MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
  MUSTER_RATE_LIMIT: '0',
};

interface Written {
  readonly id: string;
  /** The number in the last PATCH that was sent, and in the last that was acknowledged; a POST's is 0. */
  sent: number;
  acknowledged: number;
}

/** What all clients remember, by email; a client changes only what it has made. */
interface Memory {
  readonly acknowledged: Map<string, Written>;
  /** Sent and never answered: either is right. */
  readonly unanswered: Set<string>;
}

/** The status of a request and its answer, or null where the process died over it. */
async function attempt(muster: MusterProcess, method: string, path: string, attributes: object, id?: string) {
  const body = document(attributes as Record<string, unknown>, id);
  const answer = await send(muster.url, method, path, { token, body }).catch(() => null);
  // A process that is killed does not answer; one that lives answers with success.
  if (answer !== null) assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
  return answer;
}

/** Makes people and changes those whom it has made, until the process dies. */
async function writeUntilKilled(
  muster: MusterProcess,
  memory: Memory,
  name: string,
  onAnswer: () => void,
): Promise<void> {
  const own: Written[] = [];
  for (let i = 0; ; i++) {
    const email = `${name}-${i}@email.com`;
    memory.unanswered.add(email);
    const attributes = { email, first_name: 'number 0', last_name: name };
    const made = await attempt(muster, 'POST', '/api/v2/users', attributes);
    if (made === null) return;
    memory.unanswered.delete(email);
    const written = { id: made.body.data.id as string, sent: 0, acknowledged: 0 };
    memory.acknowledged.set(email, written);
    own.push(written);
    onAnswer();
    for (const person of [written, own[Math.floor(Math.random() * own.length)]!]) {
      const number = ++person.sent;
      const change = { first_name: `number ${number}` };
      const path = `/api/v2/users/${person.id}`;
      if ((await attempt(muster, 'PATCH', path, change, person.id)) === null) return;
      person.acknowledged = number;
      onAnswer();
    }
  }
}

/** One start, some load, one kill in the middle of it. */
async function killUnderLoad(t: TestContext, dataDir: string, memory: Memory, round: number): Promise<void> {
  const muster = await spawnMuster(t, { env: { ...settings, MUSTER_DATA_DIR: dataDir } });
  const loaded = Promise.withResolvers<void>();
  let answers = 0;
  const onAnswer = () => {
    if (++answers === 2 * clientCount) loaded.resolve();
  };
  const clients = Array.from({ length: clientCount }, (_, client) =>
    writeUntilKilled(muster, memory, `round${round}-client${client}`, onAnswer),
  );
  // Whatever a client complains of comes first.
  const complaint = Promise.all(clients);
  await Promise.race([loaded.promise, complaint]);
  await Promise.race([setTimeout(50 + Math.random() * 250), complaint]);
  assert.deepEqual(await muster.stop('SIGKILL'), { code: null, signal: 'SIGKILL' });
  await complaint;
}

/** All accounts that are there, by email: their id and the number in their first name. */
async function readAll(muster: MusterProcess): Promise<Map<string, { id: string; number: number }>> {
  const found = new Map<string, { id: string; number: number }>();
  for (let next: string | undefined = '/api/v2/users?page[size]=200&page[after]='; next !== undefined; ) {
    const page = await send(muster.url, 'GET', next, { token });
    assert.equal(page.status, 200, page.text);
    for (const { id, attributes } of page.body.data) {
      assert.ok(!found.has(attributes.email), `${attributes.email} is there twice`);
      found.set(attributes.email, { id, number: Number(/^number (\d+)$/.exec(attributes.first_name)?.[1]) });
    }
    next = page.body.links.next?.replace(muster.url, '');
  }
  return found;
}

test(`E1 loses no acknowledged write in ${kills} kills under load`, { timeout: 1_200_000 }, async (t) => {
  const dataDir = await temporaryFolder(t);
  const memory: Memory = { acknowledged: new Map(), unanswered: new Set() };
  for (let round = 0; round < kills; round++) await killUnderLoad(t, dataDir, memory, round);

  const muster = await spawnMuster(t, { env: { ...settings, MUSTER_DATA_DIR: dataDir } });
  const found = await readAll(muster);
  const people = [...memory.acknowledged];
  const patches = people.reduce((sum, [, { acknowledged }]) => sum + acknowledged, 0);
  t.diagnostic(`${people.length} creations and ${patches} changes were acknowledged`);
  // Each round acknowledged at least one write, or it would show nothing; most acknowledge hundreds.
  assert.ok(people.length >= kills);

  const missing = people.filter(([email, { id }]) => found.get(email)?.id !== id);
  assert.deepEqual(missing, [], 'acknowledged creations that are missing');
  const lost = people.filter(([email, { sent, acknowledged }]) => {
    const { number } = found.get(email)!;
    return !(number >= acknowledged && number <= sent);
  });
  assert.deepEqual(lost, [], 'acknowledged changes that are missing');
  const unknown = [...found.keys()].filter(
    (email) =>
      !memory.acknowledged.has(email) && !memory.unanswered.has(email) && email !== 'admin@example.com',
  );
  assert.deepEqual(unknown, [], 'accounts that nobody has asked for');

  await muster.stop();
  assert.deepEqual(await findings(await commandLine(t, { MUSTER_DATA_DIR: dataDir }), 'error'), []);
});
