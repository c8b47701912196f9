// Why somebody cannot sign in, over HTTP and on the command line. Each way out is followed as it is written.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../../src/config.ts';
import { openStore } from '../../../src/open-store.ts';
import {
  attemptKey,
  attemptsSecretName,
  type Budget,
  claimAttempt,
} from '../../../src/resources/sign-in/sign-in-throttle.ts';
import { type ReasonCode, reasonCodes } from '../../../src/resources/users/access-report.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { type CommandLine, commandLine } from '../../support/command-line.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { recordedSince } from '../../support/recording-store.ts';
import {
  type Answer,
  document,
  type NewUser,
  serveStore,
  startApp,
  type TestApp,
} from '../../support/start-app.ts';

interface Reason {
  readonly code: ReasonCode;
  readonly blocks: boolean;
  readonly detail: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly way_out: {
    readonly request: { readonly method: string; readonly path: string; readonly body: object | null } | null;
    readonly command: string;
  };
}

interface Service {
  readonly app: TestApp;
  readonly muster: CommandLine;
  /** A sysadmin with all powers. */
  readonly token: string;
  readonly organizationId: number;
}

const timeout = 180_000;

/** A service, and commands on its database. */
async function start(t: TestContext, engine: EngineName): Promise<Service> {
  const muster = await commandLine(t, {}, engine);
  const store = await openStore(readConfig({}, muster.env));
  t.after(() => store.close());
  const app = await serveStore(t, store);
  const organizationId = await app.createOrganization();
  const { token } = await app.createUser({ sysadmin: true, organizationId });
  return { app, muster, token, organizationId };
}

const ended = '2020-02-03T04:05:06.789+00:00';
const endedAt = Date.parse(ended);
const password = 'correct horse battery';

/** Accounts for which the reason is the only one, in each form that it has. */
const accounts: Readonly<Record<ReasonCode, (service: Service) => Promise<readonly number[]>>> = {
  no_password: async ({ app, organizationId }) => [(await app.createUser({ organizationId })).id],
  async expired({ app, organizationId }) {
    const values = { account_access_expires_at: endedAt };
    return [(await app.createUser({ organizationId, password, values })).id];
  },
  async throttled({ app, organizationId }) {
    const fail = async (id: number, budget: Budget) => {
      const { email } = (await app.store.read.records(users).find(id))!;
      const secret = (await app.store.read.secrets.find(attemptsSecretName))!;
      const { clock, store } = app;
      const throttle = { key: attemptKey(secret, email, budget), clock: () => clock.now, write: store.write };
      for (let failures = 0; failures < 10; failures++) await claimAttempt(throttle).catch(() => {});
    };
    const strangers = await app.createUser({ organizationId, password });
    await fail(strangers.id, 'stranger');
    const everyone = await app.createUser({ organizationId, password });
    await fail(everyone.id, 'stranger');
    await fail(everyone.id, 'known_address');
    return [strangers.id, everyone.id];
  },
  async no_membership({ app, muster, organizationId }) {
    const never = await app.createUser({ password });
    const before = await app.createUser({ password, organizationId });
    await muster.run('members', 'update', `${organizationId}`, `${before.id}`, `expires_at=${ended}`);
    return [never.id, before.id];
  },
};

async function reasonsOf({ app, token }: Service, id: number): Promise<readonly Reason[]> {
  const answer = await app.request('GET', `/api/v2/users/${id}/access`, { token });
  assert.equal(answer.status, 200, answer.text);
  const { can_sign_in, reasons } = answer.body.data.attributes;
  assert.equal(
    can_sign_in,
    reasons.every(({ blocks }: Reason) => !blocks),
  );
  return reasons;
}

/** What a person puts in the place of a value in angle brackets. */
const chosen = (text: string, { organizationId }: Service) =>
  text.replaceAll('<organization>', `${organizationId}`);

async function followRequest(service: Service, request: NonNullable<Reason['way_out']['request']>) {
  const { app, token } = service;
  const body = JSON.parse(chosen(JSON.stringify(request.body), service));
  const answer = await app.request(request.method, request.path, { token, ...(body !== null && { body }) });
  assert.ok(answer.status < 300, `${answer.status} ${answer.text}`);
}

/** @returns what it prints */
async function followCommand(service: Service, command: string): Promise<string> {
  const [muster, ...args] = chosen(command, service).split(' ');
  assert.equal(muster, 'muster');
  return service.muster.run(...args);
}

/** The way out of a missing password is a link, mailed or printed, with which its owner sets one. */
async function setByLink({ app }: Service, id: number, printed: string): Promise<void> {
  const { email } = (await app.store.read.records(users).find(id))!;
  const token = /#([\w-]{43})$/m.exec(printed)?.[1] ?? (await mailsTo(app, email)).at(-1)!.token;
  const body = { data: { type: 'passwords', attributes: { password } } };
  assert.equal((await app.request('PATCH', `/api/v2/passwords/${token}`, { body })).status, 204);
}

const onlyCode = (reasons: readonly Reason[]) => reasons.map(({ code }) => code).join();

onEachEngine((engine) => {
  test('what keeps somebody from signing in ends by the way out that is named', { timeout }, async (t) => {
    const service = await start(t, engine);
    for (const code of reasonCodes) {
      const follow = {
        request: ({ way_out: { request } }: Reason) => request && followRequest(service, request),
        command: ({ way_out: { command } }: Reason) => followCommand(service, command),
      };
      for (const [way, take] of Object.entries(follow))
        for (const id of await accounts[code](service)) {
          const [reason] = await reasonsOf(service, id);
          assert.equal(reason!.code, code);
          assert.equal(reason!.until === null, code !== 'throttled');
          if (way === 'request' && reason!.way_out.request === null) continue;
          const printed = await take(reason!);
          if (code === 'no_password') await setByLink(service, id, printed || '');
          assert.equal(onlyCode(await reasonsOf(service, id)), '', `${code} by ${way}`);
        }
    }
  });

  test('the command line gives the same reasons, with the command that ends each', { timeout }, async (t) => {
    const service = await start(t, engine);
    const { app, muster } = service;
    const values = { account_access_expires_at: endedAt };
    const { id } = await app.createUser({ email: 'ann@email.com', values });
    const expected = await reasonsOf(service, id);
    assert.equal(onlyCode(expected), 'no_password,expired,no_membership');
    const printed = await muster.json('access', 'ann@email.com');
    const inMilliseconds = (text: string | null) => (text === null ? null : Date.parse(text));
    assert.deepEqual(printed, {
      id,
      email: 'ann@email.com',
      can_sign_in: false,
      reasons: expected.map(({ since, until, ...reason }) => ({
        ...reason,
        since: inMilliseconds(since),
        until: inMilliseconds(until),
      })),
    });
    const shown = await muster.run('access', `${id}`);
    assert.match(shown, /^can_sign_in {2}false$/m);
    assert.match(shown, /^since +2020-02-03T04:05:06\.789\+00:00$/m);
    for (const { code, way_out } of expected) {
      assert.match(shown, new RegExp(`^reason +${code}$`, 'm'));
      assert.ok(shown.includes(`  ${way_out.command}\n`), way_out.command);
    }
    assert.equal(
      await muster.fail('access', 'nobody@email.com'),
      'muster: There is no user nobody@email.com\n',
    );
  });

  test('an unlock ends the wait after wrong passwords too, and is an event of who did it', async (t) => {
    const app = await startApp(t, engine);
    const security = await app.createUser({ sysadmin: ['manage_security'] });
    const manager = await app.createUser({ sysadmin: ['manage_users'] });
    const { id, token } = await app.createUser({ password });
    const path = `/api/v2/users/${id}`;
    const change = async () => {
      const passwords = { current_password: 'wrong horse battery', password: 'another horse battery' };
      return (await app.request('PATCH', `${path}/update_password`, { token, body: document(passwords) }))
        .status;
    };
    for (let failures = 0; failures < 5; failures++) assert.equal(await change(), 422);
    assert.equal(await change(), 429);
    assertError(await app.request('PATCH', `${path}/unlock`, { token: manager.token }), 403, 'access_denied');
    const events = await recordedSince(app.store);
    const { status, body } = await app.request('PATCH', `${path}/unlock`, { token: security.token });
    assert.deepEqual([status, body.data.id], [200, `${id}`]);
    const [event, ...others] = await events();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [event!.action, event!.actor, event!.subjectId],
      ['user.unlock', { kind: 'token', userId: security.id }, id],
    );
    assert.equal(await change(), 422);
  });

  test('who can sign in has no reason, or one that does not block', async (t) => {
    const app = await startApp(t, engine);
    const organizationId = await app.createOrganization();
    const access = async (user: NewUser) => {
      const { id, token } = await app.createUser({ password, ...user });
      return (await app.request('GET', `/api/v2/users/${id}/access`, { token })).body.data.attributes;
    };
    const member = await access({ organizationId });
    assert.deepEqual(member, { can_sign_in: true, reasons: [] });
    const later = { account_access_expires_at: app.clock.now + 60_000 };
    assert.deepEqual(await access({ organizationId, values: later }), member);
    const alone = await access({});
    assert.equal(alone.can_sign_in, true);
    assert.deepEqual([onlyCode(alone.reasons), alone.reasons[0].blocks], ['no_membership', false]);
  });

  test('the report obeys the rules of documents, and is never that of another moment', async (t) => {
    const app = await startApp(t, engine);
    const values = { account_access_expires_at: app.clock.now + 1000 };
    const organizationId = await app.createOrganization();
    const { id } = await app.createUser({ organizationId, password, values });
    const { token } = await app.createUser({ sysadmin: ['manage_security'] });
    const path = `/api/v2/users/${id}/access`;
    const ask = (query = '', headers = {}, method = 'GET'): Promise<Answer> =>
      app.request(method, path + query, { token, headers });
    const whole = await ask();
    assert.equal(
      whole.text,
      `{"data":{"id":"${id}","type":"access","attributes":{"can_sign_in":true,"reasons":[]}},"meta":{}}`,
    );
    const etag = whole.headers.get('etag')!;
    assert.match(etag, /^"[\w-]{24}"$/);
    const head = await ask('', {}, 'HEAD');
    assert.deepEqual([head.status, head.text, head.headers.get('etag')], [200, '', etag]);
    assert.equal((await ask('', { 'If-None-Match': etag })).status, 304);
    assertError(await ask('', { 'If-Match': '"other"' }), 412, 'precondition_failed');

    const some = await ask('?fields[access]=can_sign_in');
    assert.deepEqual(some.body.data.attributes, { can_sign_in: true });
    assert.notEqual(some.headers.get('etag'), etag);
    assert.deepEqual((await ask('?fields[access]=')).body.data.attributes, {});
    assert.deepEqual((await ask('?include=')).body.included, []);
    for (const query of [
      '?fields[users]=email',
      '?fields[access]=email',
      '?sort=id',
      '?filter[id]=1',
      '?a=1',
    ])
      assertError(await ask(query), 400, 'unsupported_parameter');
    assertError(await ask('?include=user'), 400, 'unsupported_include');
    assertError(await ask('', {}, 'DELETE'), 405, 'method_not_allowed');

    app.clock.now += 1000;
    const later = await ask('', { 'If-None-Match': etag });
    assert.deepEqual([later.status, later.body.data.attributes.can_sign_in], [200, false]);
  });
});
