// C15: sign-ins end when they are idle, and in any case some time after they were made.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { byOperator } from '../../../src/resources/operations/record-change.ts';
import { createSession } from '../../../src/resources/sessions/create-session.ts';
import { sessions } from '../../../src/resources/sessions/sessions.ts';
import { users } from '../../../src/resources/users/users.ts';
import { sessionLimits } from '../../../src/security/session-limits.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { document, startApp } from '../../support/start-app.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const limitsOf = (settings: Readonly<Record<string, string>>) =>
  sessionLimits({
    sessionProfile: (settings.sessionProfile ?? 'standard') as 'standard',
    sessionIdleMinutes:
      settings.sessionIdleMinutes === undefined ? null : Number(settings.sessionIdleMinutes),
    sessionAbsoluteMinutes:
      settings.sessionAbsoluteMinutes === undefined ? null : Number(settings.sessionAbsoluteMinutes),
  });

async function signIn(t: TestContext, engine: EngineName, settings: Readonly<Record<string, string>>) {
  const app = await startApp(t, engine, settings);
  const { id, token: machine } = await app.createUser();
  const times = { limits: limitsOf(settings), now: app.clock.now };
  const { session, token } = await app.store.write((transaction) =>
    createSession(transaction, byOperator, { user_id: id, machine: false }, times),
  );
  return {
    app,
    id,
    signedInAt: app.clock.now,
    ask: async (text = token) => outcome(await app.request('GET', '/api/v2/users', { token: text })),
    askByMachine: async () => outcome(await app.request('GET', '/api/v2/users', { token: machine })),
    /** As if there had been a request. */
    use: () =>
      app.store.write(({ records }) =>
        records(sessions).update(session.id, { last_activity_at: app.clock.now }),
      ),
    rename: () =>
      app.request('PATCH', `/api/v2/users/${id}`, { token, body: document({ first_name: 'Changed' }) }),
  };
}

const refused = '401 invalid_auth_token';

const limits = [
  { settings: {}, idle: 30 * day, absolute: 90 * day },
  { settings: { sessionProfile: 'strict' }, idle: hour, absolute: 12 * hour },
  {
    settings: { sessionProfile: 'strict', sessionIdleMinutes: '15' },
    idle: 15 * minute,
    absolute: 12 * hour,
  },
  { settings: { sessionAbsoluteMinutes: '1440' }, idle: 30 * day, absolute: day },
];

onEachEngine((engine) => {
  for (const { settings, idle, absolute } of limits)
    test(`C15 a sign-in ends after its limits, an API token does not: ${JSON.stringify(settings)}`, async (t) => {
      const { app, id, signedInAt, ask, askByMachine, use, rename } = await signIn(t, engine, settings);
      if (idle < absolute) {
        app.clock.now += idle - 1;
        assert.equal(await ask(), '200');
        app.clock.now += 1;
        assert.equal(await ask(), refused);
        assert.equal(outcome(await rename()), refused);
        assert.equal((await app.store.read.records(users).find(id))!.first_name, 'name');
        app.clock.now = signedInAt + idle - 1;
      }
      while (app.clock.now + idle - 1 < signedInAt + absolute) {
        await use();
        app.clock.now += idle - 1;
      }
      app.clock.now = signedInAt + absolute - 1;
      await use();
      assert.equal(await ask(), '200');
      app.clock.now += 1;
      assert.equal(await ask(), refused);
      assert.equal(await askByMachine(), '200');
    });

  test('C15 a sign-in may end before the limit, and is not lengthened', async (t) => {
    const { app, id, ask } = await signIn(t, engine, {});
    const [early, late] = await Promise.all(
      [minute, 365 * day].map(async (ms) => {
        const session = { user_id: id, machine: false, token_expires_at: app.clock.now + ms };
        const times = { limits: limitsOf({}), now: app.clock.now };
        return app.store.write((transaction) => createSession(transaction, byOperator, session, times));
      }),
    );
    assert.equal(late!.session.token_expires_at, app.clock.now + 90 * day);
    app.clock.now += minute;
    assert.equal(await ask(early!.token), refused);
    assert.equal(await ask(late!.token), '200');
  });

  test('E5 a clock that is set back revives no sign-in that is idle, or past its end', async (t) => {
    const { app, signedInAt, ask, use } = await signIn(t, engine, { sessionProfile: 'strict' });
    for (const ms of [3 * hour, 2 * hour, hour, 13 * hour]) {
      app.clock.now = signedInAt + ms;
      assert.equal(await ask(), refused, String(ms));
    }
    // Used until its end.
    app.clock.now = signedInAt + 12 * hour - 1;
    await use();
    for (const ms of [13 * hour, 12 * hour]) {
      app.clock.now = signedInAt + ms;
      assert.equal(await ask(), refused, String(ms));
    }
  });
});
