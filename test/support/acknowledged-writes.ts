// Like Jepsen's set test: clients write under load and remember which writes were acknowledged; then the database is
// checked for lost writes.

import assert from 'node:assert/strict';
import { type Answer, document, send } from './start-app.ts';

interface Written {
  readonly id: string;
  /** The number in the last PATCH that was sent, and in the last one that was acknowledged; 0 for the POST. */
  sent: number;
  acknowledged: number;
}

/** What all clients remember, by email. A client changes only accounts that it created. */
export interface Memory {
  readonly acknowledged: Map<string, Written>;
  /** Sent but never acknowledged: both outcomes are correct. */
  readonly open: Set<string>;
}

export const emptyMemory = (): Memory => ({ acknowledged: new Map(), open: new Set() });

/**
 * Sends one request.
 * @returns the response if it succeeded, null if the outcome is unknown, 'over' if the client must stop
 */
export type Attempt = (
  method: string,
  path: string,
  options: { readonly body: unknown },
) => Promise<Answer | null | 'over'>;

/** Creates users and changes the users that it created, until the test is over. */
export async function writeUntilOver(
  memory: Memory,
  name: string,
  attempt: Attempt,
  onAnswer: () => void = () => {},
): Promise<void> {
  const own: Written[] = [];
  for (let i = 0; ; i++) {
    const email = `${name}-${i}@email.com`;
    memory.open.add(email);
    const body = document({ email, first_name: 'number 0', last_name: name });
    const made = await attempt('POST', '/api/v2/users', { body });
    if (made === 'over') return;
    if (made === null) continue;
    memory.open.delete(email);
    const written = { id: made.body.data.id as string, sent: 0, acknowledged: 0 };
    memory.acknowledged.set(email, written);
    own.push(written);
    onAnswer();
    for (const person of [written, own[Math.floor(Math.random() * own.length)]!]) {
      const number = ++person.sent;
      const change = document({ first_name: `number ${number}` }, person.id);
      const changed = await attempt('PATCH', `/api/v2/users/${person.id}`, { body: change });
      if (changed === 'over') return;
      if (changed === null) continue;
      person.acknowledged = number;
      onAnswer();
    }
  }
}

/**
 * Checks all accounts in the database.
 * @returns the number of acknowledged writes
 * @throws AssertionError if an acknowledged write is missing, or a write is there that was never sent
 */
export async function assertNothingLost(
  url: string,
  token: string,
  memory: Memory,
): Promise<{ creations: number; changes: number }> {
  const found = await readAll(url, token);
  const people = [...memory.acknowledged];
  const missing = people.filter(([email, { id }]) => found.get(email)?.id !== id);
  assert.deepEqual(missing, [], 'acknowledged creations that are missing');
  const lost = people.filter(([email, { sent, acknowledged }]) => {
    const { number } = found.get(email)!;
    return !(number >= acknowledged && number <= sent);
  });
  assert.deepEqual(lost, [], 'acknowledged changes that are missing');
  const unknown = [...found.keys()].filter(
    (email) => !memory.acknowledged.has(email) && !memory.open.has(email) && email !== 'admin@example.com',
  );
  assert.deepEqual(unknown, [], 'accounts that nobody has asked for');
  const changes = people.reduce((sum, [, { acknowledged }]) => sum + acknowledged, 0);
  return { creations: people.length, changes };
}

/** All accounts in the database, by email: their id and the number in their first name. */
async function readAll(url: string, token: string): Promise<Map<string, { id: string; number: number }>> {
  const found = new Map<string, { id: string; number: number }>();
  for (let next: string | undefined = '/api/v2/users?page[size]=200&page[after]='; next !== undefined; ) {
    const page = await send(url, 'GET', next, { token });
    assert.equal(page.status, 200, page.text);
    for (const { id, attributes } of page.body.data) {
      assert.ok(!found.has(attributes.email), `${attributes.email} is there twice`);
      found.set(attributes.email, { id, number: Number(/^number (\d+)$/.exec(attributes.first_name)?.[1]) });
    }
    next = page.body.links.next?.replace(url, '');
  }
  return found;
}
