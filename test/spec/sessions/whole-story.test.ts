// The life of sessions as people see it, on two processes with one database, both of which are killed in the middle.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { commandLine } from '../../support/command-line.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { type MusterProcess, spawnMuster } from '../../support/spawn-muster.ts';
import { type Answer, document, send } from '../../support/start-app.ts';

const root = 'a-token-of-the-first-account-with-32-characters';
const password = 'rain on the tin roof';
const sessions = '/api/v2/sessions';

interface Processes {
  /** Each request goes to the next process, on a connection of its own. */
  ask(
    token: string | undefined,
    method: string,
    path: string,
    attributes?: object,
    type?: string,
  ): Promise<Answer>;
  /** Kills both, and starts two others. */
  killAndStart(): Promise<void>;
  /** Output of a command on the database. */
  run(...args: readonly string[]): Promise<string>;
}

/** On SQLite two workers, on PostgreSQL two services. */
async function twoProcesses(t: TestContext, engine: EngineName): Promise<Processes> {
  const secrets = {
    MUSTER_BOOTSTRAP_TOKEN: root,
    MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
  };
  const { env, run } = await commandLine(t, {}, engine);
  const start = (settings = {}) => spawnMuster(t, { env: { ...env, ...secrets, ...settings } });
  const startBoth = async (): Promise<MusterProcess[]> =>
    engine === 'postgres' ? [await start(), await start()] : [await start({ MUSTER_WORKERS: '2' })];
  let running = await startBoth();
  let turn = 0;
  return {
    ask: (token, method, path, attributes, type = 'sessions') =>
      send(running[turn++ % running.length]!.url, method, path, {
        token,
        headers: { Connection: 'close' },
        ...(attributes && { body: { data: { type, attributes } } }),
      }),
    async killAndStart() {
      await Promise.all(running.map((one) => one.stop('SIGKILL')));
      running = await startBoth();
    },
    run,
  };
}

onEachEngine((engine) => {
  test('somebody signs in, sees devices, makes a token for CI and ends the rest, and an administrator reads why a colleague cannot sign in', async (t) => {
    const { ask, killAndStart, run } = await twoProcesses(t, engine);
    const create = async (name: string, end: string | null) => {
      const { data } = document({
        email: `${name}@example.com`,
        first_name: name,
        last_name: 'Lee',
        password,
        account_access_expires_at: end,
      });
      const made = await ask(root, 'POST', '/api/v2/users', data.attributes, 'users');
      assert.equal(made.status, 201, made.text);
      return made.body.data.id as string;
    };
    const signIn = (email: string, name?: string) =>
      ask(undefined, 'POST', sessions, { email, password, name });
    const made = (answer: Answer): { id: string; token: string } => {
      assert.equal(answer.status, 201, answer.text);
      return { id: answer.body.data.id, token: answer.body.data.attributes.token };
    };
    const devices = async (token: string) => {
      const { body } = await ask(token, 'GET', sessions);
      return { names: body.data.map(({ attributes }: any) => attributes.name), current: body.meta.current };
    };
    const ann = await create('ann', null);
    const bea = await create('bea', '2026-01-01T00:00:00Z');

    const phone = made(await signIn('ann@example.com', 'Phone'));
    const laptop = made(await signIn('ann@example.com', 'Laptop'));
    assert.deepEqual(await devices(phone.token), { names: ['Phone', 'Laptop'], current: phone.id });
    const ci = made(await ask(laptop.token, 'POST', `${sessions}/machine`, { name: 'CI', read_only: true }));
    assert.deepEqual(await devices(laptop.token), { names: ['Phone', 'Laptop', 'CI'], current: laptop.id });

    const rename = { first_name: 'Anna' };
    assertError(
      await ask(ci.token, 'PATCH', `/api/v2/users/${ann}`, rename, 'users'),
      403,
      'read_only_token',
    );
    assert.equal((await ask(laptop.token, 'DELETE', sessions)).status, 204);

    await killAndStart();
    for (const _ of [1, 2]) assertError(await ask(phone.token, 'GET', sessions), 401, 'invalid_auth_token');
    for (const { id, token } of [laptop, ci])
      assert.deepEqual(await devices(token), { names: ['Laptop', 'CI'], current: id });

    const refused = await signIn('bea@example.com');
    assertError(refused, 401, 'invalid_credentials');
    assert.equal((await signIn('nobody@example.com')).text, refused.text);
    const access = async () => (await ask(root, 'GET', `/api/v2/users/${bea}/access`)).body.data.attributes;
    const { can_sign_in: canSignIn, reasons } = await access();
    assert.equal(canSignIn, false);
    const blocking = reasons.filter(({ blocks }: any) => blocks);
    assert.deepEqual(
      blocking.map(({ code }: any) => code),
      ['expired'],
    );
    assert.match(await run('access', 'bea@example.com'), /^reason +expired$/m);
    const { method, path, body } = blocking[0].way_out.request;
    assert.equal((await ask(root, method, path, body.data.attributes, 'users')).status, 200);
    assert.equal((await access()).can_sign_in, true);
    made(await signIn('bea@example.com'));

    const trail = async (query: string) => {
      const answer = await ask(root, 'GET', `/api/v2/events?sort=id&${query}`);
      assert.equal(answer.status, 200, answer.text);
      for (const secret of [password, phone.token, laptop.token, ci.token, 'nobody@'])
        assert.ok(!answer.text.includes(secret), secret);
      return answer.body.data.map(
        ({ attributes: { action, outcome, actor_kind } }: any) => `${actor_kind} ${action} ${outcome}`,
      );
    };
    assert.deepEqual(await trail(`filter[subject_id]=${ann}`), [
      'token user.create success',
      'user session.create success',
      'user session.create success',
      'user session.create success',
      'user session.end_others success',
    ]);
    assert.deepEqual(await trail(`filter[subject_id]=${bea}`), [
      'token user.create success',
      'user session.create failure',
      'token user.update success',
      'user session.create success',
    ]);
  });
});
