// Who writes and who reads which attribute: sections D2 and D3 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../../src/model/resource.ts';
import { users } from '../../../src/resources/users/users.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

/** The writers that the contract names: the account itself, a sysadmin with manage_users, one with every power. */
type Writer = 'self' | 'manager' | 'sysadmin';

const anyone: readonly Writer[] = ['self', 'manager', 'sysadmin'];
const managers: readonly Writer[] = ['manager', 'sysadmin'];

/**
 * Each attribute with a value that differs from the stored one, and who may write it to another account or to their
 * own.
 */
const attributes: Readonly<Record<string, { value: unknown; writers: readonly Writer[] }>> = {
  updated_at: { value: '2020-01-01T00:00:00.000+00:00', writers: [] },
  email: { value: 'an address for each writer', writers: anyone },
  first_name: { value: 'Changed', writers: anyone },
  last_name: { value: 'Changed', writers: anyone },
  time_zone: { value: 'Europe/Zagreb', writers: anyone },
  avatar_url: { value: 'https://example.com/a.png', writers: anyone },
  default_organization_id: { value: 'the second organization', writers: anyone },
  default_organization_slug: { value: 'changed', writers: [] },
  intercom_hash: { value: 'changed', writers: [] },
  flags: { value: { beta: true }, writers: managers },
  newsletter_consent: { value: true, writers: ['self'] },
  newsletter_consent_at: { value: '2020-01-01T00:00:00.000+00:00', writers: [] },
  ical_token: { value: 'please', writers: ['self'] },
  preferences: { value: { theme: 'dark' }, writers: ['self'] },
  sysadmin: { value: true, writers: ['sysadmin'] },
  sysadmin_permissions: { value: ['manage_users'], writers: ['sysadmin'] },
  two_factor_auth: { value: true, writers: [] },
  sso_provision: { value: true, writers: [] },
  account_access_expires_at: { value: '2030-01-01T00:00:00.000+00:00', writers: managers },
  locale: { value: 'hr_HR', writers: ['self'] },
};

async function subject(app: TestApp, writer: Writer) {
  const first = await app.createOrganization('first');
  const second = await app.createOrganization('second');
  const user = await app.createUser({ organizationId: first });
  await app.store.write((transaction) => setMember(transaction, second, user.id, 'member', app.clock.now));
  const { token } =
    writer === 'self'
      ? user
      : await app.createUser({ sysadmin: writer === 'manager' ? ['manage_users'] : true });
  return { id: user.id, second, token };
}

const rowOf = async (app: TestApp, id: number): Promise<Row> =>
  (await app.store.read.records(users).find(id))!;

onEachEngine((engine) => {
  test('D2 each attribute of the definition stands in the table of who writes it', () => {
    assert.deepEqual(Object.keys(attributes), users.names);
  });

  for (const [name, { value, writers }] of Object.entries(attributes)) {
    const who = writers.length === 0 ? 'nobody' : writers.join(', ');
    test(`D2 ${name} is written by ${who}, and ignored from others`, async (t) => {
      const app = await startApp(t, engine);
      for (const writer of anyone) {
        const { id, second, token } = await subject(app, writer);
        const before = await rowOf(app, id);
        app.clock.now += 1000;
        const own: Record<string, unknown> = {
          email: `${writer}@changed.com`,
          default_organization_id: second,
        };
        const sent = own[name] ?? value;
        const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
          token,
          body: document({ [name]: sent }),
        });
        assert.equal(answer.status, 200, `${writer}: ${answer.text}`);
        const after = await rowOf(app, id);
        if (!writers.includes(writer)) assert.deepEqual(after, before, writer);
        else {
          assert.notEqual(after[name], before[name], writer);
          assert.equal(after.updated_at, app.clock.now);
        }
      }
    });
  }

  test('D2 what a member may not write stays as it was, wherever in the document it stands', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await subject(app, 'self');
    const before = await rowOf(app, id);
    const type = 'users';
    const closed = { sysadmin: true, sysadmin_permissions: ['manage_security'], flags: { beta: true } };
    const relationships = { sysadmin: { data: { type, id: '1' } }, organization: { data: null } };
    for (const body of [
      document(closed),
      { data: { type, attributes: {}, ...closed } },
      { data: { type, attributes: {}, meta: closed }, meta: closed, ...closed },
      { data: { type, relationships } },
      { data: { type }, included: [{ type, id: String(id), attributes: closed }] },
      `{"data":{"type":"users","attributes":{},"__proto__":{"attributes":{"sysadmin":true}}}}`,
      `{"data":{"type":"users","attributes":{}},"__proto__":{"sysadmin":true}}`,
    ]) {
      const answer = await app.request('PATCH', `/api/v2/users/${id}`, { token, body });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(await rowOf(app, id), before);
    }
  });

  test('D2 names that are almost those of attributes are no attributes', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await subject(app, 'sysadmin');
    const before = await rowOf(app, id);
    const names = [
      'id',
      'type',
      'Sysadmin',
      'SYSADMIN',
      'sysadmin ',
      'sysadmin[]',
      'first-name',
      'firstName',
    ];
    for (const name of [
      ...names,
      'revision',
      'email_key',
      'hash',
      'password',
      'constructor',
      'toString',
      '',
    ]) {
      const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
        token,
        body: document({ first_name: 'Changed', [name]: true }),
      });
      assert.deepEqual(brokenRules(answer), [`${name} is not a known attribute`]);
    }
    const polluting = `{"data":{"type":"users","attributes":{"first_name":"Changed","__proto__":{"sysadmin":true}}}}`;
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, { token, body: polluting });
    assert.deepEqual(brokenRules(answer), ['__proto__ is not a known attribute']);
    assert.equal(({} as any).sysadmin, undefined);
    assert.deepEqual(await rowOf(app, id), before);
  });

  test('D2 what is nested in preferences is data and nothing else', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await subject(app, 'self');
    const text =
      '{"sysadmin":true,"__proto__":{"sysadmin":true},"constructor":{"prototype":{"sysadmin":true}}}';
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, {
      token,
      body: `{"data":{"type":"users","attributes":{"preferences":${text}}}}`,
    });
    assert.equal(answer.status, 200);
    assert.ok(answer.text.includes(`"preferences":${text}`), answer.text);
    assert.equal(answer.body.data.attributes.sysadmin, false);
    assert.equal(({} as any).sysadmin, undefined);
  });

  test('D2 a client that sends back the whole resource changes nothing', async (t) => {
    const app = await startApp(t, engine, { timeZone: 'Europe/Zagreb' });
    const { id, token } = await subject(app, 'self');
    const shown = await app.request('GET', `/api/v2/users/${id}`, { token });
    const before = await rowOf(app, id);
    app.clock.now += 1000;
    const answer = await app.request('PATCH', `/api/v2/users/${id}`, { token, body: shown.body });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, shown.body);
    assert.deepEqual(await rowOf(app, id), before);
  });

  test('D3 ical_token is shown to the account alone, intercom_hash to those who manage users, too', async (t) => {
    const app = await startApp(t, engine);
    const home = await app.createOrganization();
    const self = await app.createUser({ organizationId: home });
    const path = `/api/v2/users/${self.id}`;
    const issued = await app.request('PATCH', path, {
      token: self.token,
      body: document({ ical_token: 'x' }),
    });
    const { ical_token: icalToken, intercom_hash: intercomHash } = issued.body.data.attributes;
    assert.match(icalToken, /^[\w-]{22,}$/);
    assert.match(intercomHash, /^[0-9a-f]{64}$/);

    const callers = [
      { token: self.token, sees: [icalToken, intercomHash] },
      {
        token: (await app.createUser({ organizationId: home, role: 'owner' })).token,
        sees: [null, null],
      },
      { token: (await app.createUser({ organizationId: home, role: 'admin' })).token, sees: [null, null] },
      { token: (await app.createUser({ sysadmin: [] })).token, sees: [null, null] },
      { token: (await app.createUser({ sysadmin: ['manage_security'] })).token, sees: [null, null] },
      { token: (await app.createUser({ sysadmin: ['manage_users'] })).token, sees: [null, intercomHash] },
      { token: (await app.createUser({ sysadmin: true })).token, sees: [null, intercomHash] },
    ];
    const etags = new Map<string, string>();
    // Twice, beginning with the account itself: a rendering for one reader must never be used for another.
    for (const { token, sees } of [...callers, ...callers]) {
      const one = await app.request('GET', path, { token });
      const { etag } = Object.fromEntries(one.headers);
      const list = await app.request('GET', `/api/v2/users?filter[id]=${self.id}`, { token });
      const some = await app.request('GET', `${path}?fields[users]=ical_token,intercom_hash`, { token });
      for (const { attributes } of [one.body.data, list.body.data[0], some.body.data])
        assert.deepEqual([attributes.ical_token, attributes.intercom_hash], sees);
      // Readers who see different content get different ETags.
      const shown = JSON.stringify(sees);
      assert.equal(etags.get(etag!) ?? shown, shown);
      etags.set(etag!, shown);
    }
    assert.equal(etags.size, 3);
  });

  test('D3 nobody filters, searches or sorts by what not everyone may read', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true, values: { ical_token: 'secret-of-the-feed' } });
    for (const name of [
      'ical_token',
      'intercom_hash',
      'hash',
      'password',
      'revision',
      'email_key',
      'token',
    ]) {
      for (const query of [`filter[${name}]=x`, `filter[${name}][contains]=x`])
        assertError(await app.request('GET', `/api/v2/users?${query}`, { token }), 400, 'unsupported_filter');
      for (const query of [`sort=${name}`, `sort=-${name}`])
        assertError(await app.request('GET', `/api/v2/users?${query}`, { token }), 400, 'unsupported_sort');
    }
    const found = await app.request('GET', '/api/v2/users?filter[query]=secret-of-the-feed', { token });
    assert.equal(found.body.meta.total_count, 0);
  });

  test('D3 no answer holds a hash, a token or a secret of the server', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true, password: 'password1234' });
    const other = await app.createUser({ password: 'password1234', values: { ical_token: 'secret-feed' } });
    const { read } = app.store;
    const names = ['identity_verification', 'cursors', 'etags', 'sign_in_attempts'];
    const kept = await Promise.all(names.map((name) => read.secrets.find(name)));
    const hashes = await Promise.all([id, other.id].map((each) => read.passwords.find(each)));
    const tokens = [token, other.token].flatMap((text) => [text, hashToken(text)]);
    const secrets = [...kept, ...hashes, ...tokens, 'secret-feed', '$argon2', 'password1234'];
    assert.ok(secrets.every((secret) => typeof secret === 'string' && secret.length >= 7));

    const change = document({ current_password: 'password1234', password: 'newpassword1234' });
    const ask = (method: string, path: string, body?: unknown) =>
      app.request(method, path, { token, ...(body !== undefined && { body }) });
    const answers = [
      await ask('GET', `/api/v2/users?token=${token}`),
      await ask('GET', `/api/v2/users?page[after]=&page[size]=1&token=${token}`),
      await ask('GET', `/api/v2/users/${id}`),
      await ask('GET', `/api/v2/users/${other.id}`),
      await ask('PATCH', `/api/v2/users/${other.id}`, document({ first_name: 'Changed' })),
      await ask('PATCH', `/api/v2/users/${id}`, document({ password: 'password1234' })),
      await ask('PATCH', `/api/v2/users/${id}/update_password`, change),
      await ask('PATCH', `/api/v2/users/${id}/update_password`, change),
      await ask('GET', `/api/v2/users?token=${token}&nonsense=1`),
      await ask('GET', `/api/v2/users?filter[email]=${token}`),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 422, 200, 422, 400, 200],
    );
    for (const [i, { text, headers }] of answers.entries()) {
      const everything = `${text}\n${[...headers].join('\n')}`;
      for (const secret of secrets) {
        // Filters are repeated in links, so a token must not be in one.
        if (i === answers.length - 1 && secret === token) continue;
        assert.equal(everything.includes(secret!), false, `answer ${i}`);
      }
    }
  });
});
