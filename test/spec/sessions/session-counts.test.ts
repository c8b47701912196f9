// How many sessions one account can have. Whatever ends all of them at once, such as a change of the password, holds up
// the writes of everyone else on SQLite.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { byOperator } from '../../../src/resources/operations/record-change.ts';
import { createSession, maxSignIns } from '../../../src/resources/sessions/create-session.ts';
import { sessionLimits } from '../../../src/security/session-limits.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { sessionsPath, startSessions } from './start-sessions.ts';

/** The sessions are older than the clock, one millisecond each. */
async function start(t: TestContext, engine: EngineName, machine: boolean) {
  const app = await startSessions(t, engine, { tokensWithoutPassword: 'true' });
  const { id, token } = await app.createUser();
  const limits = sessionLimits({
    ...{ sessionProfile: 'standard', sessionIdleMinutes: null, sessionAbsoluteMinutes: null },
  });
  const createMany = (count: number) =>
    app.store.write(async (transaction) => {
      const tokens: string[] = [];
      for (let i = count; i > 0; i--) {
        const times = { limits, now: app.clock.now - i };
        tokens.push((await createSession(transaction, byOperator, { user_id: id, machine }, times)).token);
      }
      return tokens;
    });
  return { app, token, createMany };
}

onEachEngine((engine) => {
  test('a sign-in beyond the thousandth ends the one that was unused for longest, and its event says so', async (t) => {
    const { app, token, createMany } = await start(t, engine, false);
    const [oldest, second] = await createMany(maxSignIns);
    assert.equal(await app.statusOf(oldest!), 200);
    await createMany(1);
    assert.deepEqual([await app.statusOf(oldest!), await app.statusOf(second!)], [401, 200]);
    const { body } = await app.send(token, 'GET', '/api/v2/events?sort=-id&page[size]=2');
    const [last, before] = body.data.map(({ attributes }: any) => attributes.details.sign_ins_ended);
    assert.deepEqual([last, before], [1, undefined]);
  });

  test('an account has at most a thousand API tokens, and creates one again where it has ended one', async (t) => {
    const { app, token, createMany } = await start(t, engine, true);
    // It has one already.
    await createMany(998);
    const create = () => app.send(token, 'POST', `${sessionsPath}/machine`, { name: 'x' });
    const last = await create();
    assert.equal(last.status, 201);
    const refused = await create();
    assert.equal(outcome(refused), '403 access_denied');
    assert.match(refused.body.errors[0].detail, /^You have 1000 API tokens/);
    assert.equal((await app.send(token, 'DELETE', `${sessionsPath}/${last.body.data.id}`)).status, 204);
    assert.equal((await create()).status, 201);
  });
});
