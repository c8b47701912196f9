// Acknowledged writes survive any number of kills of the server or the process, and no request waits for the server.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import {
  type Attempt,
  assertNothingLost,
  emptyMemory,
  writeUntilOver,
} from '../support/acknowledged-writes.ts';
import { engines } from '../support/chosen-engines.ts';
import {
  ask,
  assertNoSurprise,
  assertUnavailable,
  connectTo,
  create,
  isReady,
  isUp,
  noTimeouts,
  rename,
  serveOn,
  startPostgres,
  token,
  until,
} from '../support/postgres-outage.ts';
import type { MusterProcess } from '../support/spawn-muster.ts';
import { send } from '../support/start-app.ts';

const kills = Number(process.env.MUSTER_TEST_POSTGRES_KILLS ?? 3);
const clientCount = 8;
const timeout = 180_000 + kills * 20_000;

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test(`E2 loses no acknowledged write in ${kills} kills of the server, and comes back by itself`, {
    timeout,
  }, async (t) => {
    const server = await startPostgres(t);
    const muster = await serveOn(t, server.url(), noTimeouts);
    const memory = emptyMemory();
    const counts = { acknowledged: 0, refused: 0 };
    let over = false;
    let longestMs = 0;
    const attempt: Attempt = async (method, path, { body }) => {
      if (over) return 'over';
      const answer = await ask(muster, method, path, body);
      longestMs = Math.max(longestMs, answer.ms);
      if (answer.status < 300) {
        counts.acknowledged++;
        return answer;
      }
      assertUnavailable(answer);
      counts.refused++;
      await sleep(20);
      return null;
    };
    const clients = Promise.all(
      Array.from({ length: clientCount }, (_, client) => writeUntilOver(memory, `client${client}`, attempt)),
    );
    // Errors of the clients come first.
    const orComplaint = <T>(work: Promise<T>) => Promise.race([work, clients]);
    const moreThan = (name: keyof typeof counts, count: number) => async () => counts[name] > count;
    const recoveries: number[] = [];

    for (let round = 0; round < kills; round++) {
      // At any moment of the load.
      const more = 2 * clientCount + Math.floor(Math.random() * 100);
      await orComplaint(until(moreThan('acknowledged', counts.acknowledged + more)));
      // A request that is certainly in the middle of a statement: its connection breaks while in use.
      const outside = await connectTo(t, server.url());
      await outside.query('BEGIN; SELECT id FROM users WHERE id = 1 FOR UPDATE');
      const waiting = rename(muster, '1', 'waiting');
      await orComplaint(until(() => isWaitedFor(outside)));
      await server.kill();
      assertUnavailable(await waiting);
      await orComplaint(until(moreThan('refused', counts.refused + clientCount)));
      await assertAway(muster);
      await server.start();
      recoveries.push((await orComplaint(until(() => isReady(muster)))) as number);
    }
    await orComplaint(until(moreThan('acknowledged', counts.acknowledged + clientCount)));
    over = true;
    await clients;

    assert.ok(await isUp(muster));
    const { creations, changes } = await assertNothingLost(muster.url, token, memory);
    assert.ok(creations >= kills);
    t.diagnostic(`${creations} creations and ${changes} changes were acknowledged, 0 are lost`);
    t.diagnostic(`${counts.refused} requests were refused; the longest took ${Math.round(longestMs)} ms`);
    t.diagnostic(`ready after ${recoveries.map(Math.round).join(', ')} ms`);
    assertNoSurprise(muster);
    assert.deepEqual(await muster.stop(), { code: 0, signal: null });
  });

  test('E1 loses no acknowledged write when the process is killed', { timeout }, async (t) => {
    const server = await startPostgres(t);
    const memory = emptyMemory();
    for (let round = 0; round < Math.min(kills, 2); round++) {
      const muster = await serveOn(t, server.url());
      let answers = 0;
      const attempt: Attempt = async (method, path, { body }) => {
        const answer = await send(muster.url, method, path, { token, body }).catch(() => 'over' as const);
        if (answer !== 'over') assert.ok(answer.status < 300, answer.text);
        answers++;
        return answer;
      };
      const clients = Promise.all(
        Array.from({ length: clientCount }, (_, client) =>
          writeUntilOver(memory, `round${round}-client${client}`, attempt),
        ),
      );
      const killAfter = 2 * clientCount + Math.floor(Math.random() * 100);
      await Promise.race([until(async () => answers > killAfter), clients]);
      await muster.stop('SIGKILL');
      await clients;
    }
    const muster = await serveOn(t, server.url());
    const { creations, changes } = await assertNothingLost(muster.url, token, memory);
    t.diagnostic(`${creations} creations and ${changes} changes were acknowledged, 0 are lost`);
  });
});

/** Whether another connection waits for a lock of this one. */
async function isWaitedFor(holder: pg.Client): Promise<boolean> {
  const { rows } = await holder.query(
    'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))',
  );
  return rows.length > 0;
}

/** The process is alive, is not ready, and immediately refuses requests that need the server. */
async function assertAway(muster: MusterProcess): Promise<void> {
  assert.equal((await ask(muster, 'GET', '/health/live')).status, 200);
  assertUnavailable(await ask(muster, 'GET', '/health/ready'));
  assertUnavailable(await ask(muster, 'GET', '/api/v2/users'));
  assertUnavailable(await create(muster));
  assert.equal(await isUp(muster), false);
}
