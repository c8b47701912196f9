// E1: after kills in the middle of sign-ins, new tokens, ends and password changes, each session is as its
// last response said, and the trail has an event for each act and for nothing else.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { urlOf } from '../support/database-rows.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';
import { type Environment, runMuster, spawnMuster } from '../support/spawn-muster.ts';
import { type Answer, document, send } from '../support/start-app.ts';

const root = 'a-token-of-the-first-account-with-32-characters';
const kills = 2;
const clients = 4;
const sessions = '/api/v2/sessions';

interface Session {
  readonly id: string;
  readonly token: string;
  readonly machine: boolean;
  /** By the last response; null while none has come. */
  isAlive: boolean | null;
}

/** What a client remembers. It alone uses its account. */
interface Memory {
  readonly id: string;
  readonly email: string;
  /** Passwords have numbers. Two if the response to the last change did not come. */
  passwords: number[];
  readonly sessions: Session[];
  readonly address: string;
}

const passwordOf = (number: number) => `password with number ${number}`;

/** @returns null if the process was killed */
type Ask = (token: string | undefined, method: string, path: string, body?: object) => Promise<Answer | null>;

function askAt(url: string, address: string): Ask {
  return async (token, method, path, body) => {
    const headers = { 'X-Forwarded-For': address };
    return send(url, method, path, { token, body, headers }).catch(() => null);
  };
}

const sessionDocument = (attributes: object) => ({ data: { type: 'sessions', attributes } });

/** @returns null if the process was killed; false if the password is wrong */
async function signIn(memory: Memory, ask: Ask, number: number): Promise<Session | false | null> {
  const { email } = memory;
  const body = sessionDocument({ email, password: passwordOf(number) });
  const answer = await ask(undefined, 'POST', sessions, body);
  if (answer === null || answer.status === 401) return answer && false;
  return remember(memory, answer, false);
}

function remember(memory: Memory, answer: Answer, machine: boolean): Session {
  assert.equal(answer.status, 201, answer.text);
  const { id, attributes } = answer.body.data;
  const session = { id, token: attributes.token, machine, isAlive: true };
  memory.sessions.push(session);
  return session;
}

/** Signs in, makes a token, ends one of the sessions, and changes the password, until the process is killed. */
async function useUntilKilled(memory: Memory, ask: Ask, onAnswer: () => void): Promise<void> {
  for (;;) {
    let current: Session | false | null = false;
    for (const number of memory.passwords) {
      current = await signIn(memory, ask, number);
      if (current === null) return;
      if (current !== false) memory.passwords = [number];
      if (current !== false) break;
    }
    assert.ok(current, `${memory.email} cannot sign in by ${memory.passwords}`);
    const { id, token } = current;
    onAnswer();

    const made = await ask(token, 'POST', `${sessions}/machine`, sessionDocument({ name: 'CI' }));
    if (made === null) return;
    remember(memory, made, true);
    onAnswer();

    const others = memory.sessions.filter((one) => one.isAlive && one.id !== id);
    const ended = others[Math.floor(Math.random() * others.length)]!;
    ended.isAlive = null;
    const end = await ask(token, 'DELETE', `${sessions}/${ended.id}`);
    if (end === null) return;
    assert.equal(end.status, 204, end.text);
    ended.isAlive = false;
    onAnswer();

    const number = memory.passwords[0]!;
    memory.passwords = [number, number + 1];
    const signIns = memory.sessions.filter((one) => !one.machine && one.isAlive && one.id !== id);
    for (const one of signIns) one.isAlive = null;
    const passwords = { current_password: passwordOf(number), password: passwordOf(number + 1) };
    const change = await ask(
      token,
      'PATCH',
      `/api/v2/users/${memory.id}/update_password`,
      document(passwords),
    );
    if (change === null) return;
    assert.equal(change.status, 200, change.text);
    memory.passwords = [number + 1];
    for (const one of signIns) one.isAlive = false;
    onAnswer();
  }
}

async function createAccounts(url: string): Promise<Memory[]> {
  return Promise.all(
    Array.from({ length: clients }, async (_, i) => {
      const email = `person${i}@example.com`;
      const body = document({ email, first_name: 'Ann', last_name: 'Lee', password: passwordOf(0) });
      const { body: made } = await send(url, 'POST', '/api/v2/users', { token: root, body });
      return { id: made.data.id, email, passwords: [0], sessions: [], address: `192.0.2.${i}` };
    }),
  );
}

/** One round: start, load, and a kill at any moment of the load. */
async function killUnderLoad(t: TestContext, env: Environment, memories: Memory[]): Promise<void> {
  const muster = await spawnMuster(t, { env });
  if (memories.length === 0) memories.push(...(await createAccounts(muster.url)));
  const loaded = Promise.withResolvers<void>();
  let left = 8 * clients + Math.floor(Math.random() * 8 * clients);
  const onAnswer = () => {
    if (--left === 0) loaded.resolve();
  };
  const all = Promise.all(
    memories.map((memory) => useUntilKilled(memory, askAt(muster.url, memory.address), onAnswer)),
  );
  // Errors of the clients come first.
  await Promise.race([loaded.promise, all]);
  await muster.stop('SIGKILL');
  await all;
}

interface Event {
  readonly action: string;
  /** The id of the record. */
  readonly recordId: string;
  readonly details: any;
}

async function eventsOf(url: string, { id }: Memory): Promise<Event[]> {
  const found: Event[] = [];
  let next = `/api/v2/events?filter[subject_id]=${id}&filter[outcome]=success&page[size]=200&page[after]=`;
  while (next !== undefined) {
    const { body } = await send(url, 'GET', next, { token: root });
    for (const { attributes } of body.data)
      found.push({ ...attributes, recordId: attributes.details.record.id });
    next = body.links.next?.replace(url, '');
  }
  return found;
}

const difference = (one: Iterable<string>, other: Iterable<string>) => [
  ...new Set(one).difference(new Set(other)),
];

onEachEngine((engine) => {
  test(`E1 loses no session, no end and no event in ${kills} kills`, { timeout: 300_000 }, async (t) => {
    const env = {
      MUSTER_DATABASE_URL: urlOf(await emptyDatabaseConfig(t, engine)),
      MUSTER_BOOTSTRAP_TOKEN: root,
      MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
      MUSTER_RATE_LIMIT: '0',
      MUSTER_INVALID_TOKEN_LIMIT: '0',
      MUSTER_TRUSTED_PROXIES: 'loopback',
    };
    const memories: Memory[] = [];
    for (let round = 0; round < kills; round++) await killUnderLoad(t, env, memories);

    const { url } = await spawnMuster(t, { env });
    const { stdout } = await runMuster(['tokens', 'list', '--json'], { env });
    const stored: { id: number; user_id: number }[] = JSON.parse(stdout);
    for (const memory of memories) {
      const ask = askAt(url, memory.address);
      for (const { id, token, isAlive } of memory.sessions) {
        if (isAlive === null) continue;
        const answer = await ask(token, 'GET', `${sessions}/current`);
        assert.equal(answer!.status, isAlive ? 200 : 401, `session ${id}`);
        if (isAlive) assert.equal(answer!.body.data.id, id);
      }

      const events = await eventsOf(url, memory);
      const ids = (action: string) =>
        events.filter((event) => event.action === action).map(({ recordId }) => recordId);
      const [created, deleted] = [ids('session.create'), ids('session.delete')];
      const present = stored
        .filter(({ user_id }) => String(user_id) === memory.id)
        .map(({ id }) => String(id));
      assert.equal(new Set(created).size, created.length);
      assert.equal(new Set(deleted).size, deleted.length);
      const known = memory.sessions.map(({ id }) => id);
      assert.deepEqual(
        difference([...known, ...present, ...deleted], created),
        [],
        'sessions without an event',
      );
      assert.deepEqual(difference(deleted, difference(created, present)), [], 'ends that did not happen');
      const changes = events.filter(({ action }) => action === 'user.update_password');
      const byChanges = changes.reduce((sum, { details }) => sum + details.sign_ins_ended, 0);
      assert.equal(difference(created, [...present, ...deleted]).length, byChanges, 'ends without an event');

      // Each change raised the number by one.
      const current = changes.length;
      assert.ok(memory.passwords.includes(current), `${memory.passwords}, ${current}`);
      assert.ok(await signIn(memory, ask, current));
    }
    const count = memories.reduce((sum, memory) => sum + memory.sessions.length, 0);
    t.diagnostic(`${count} sessions were acknowledged`);
  });
});
