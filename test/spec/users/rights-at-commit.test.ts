// Rights that are revoked between the header of a request and its commit: the request writes nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import { users } from '../../../src/resources/users/users.ts';
import { onEachEngine } from '../../support/engines.ts';
import { insertInvitation } from '../../support/invitations.ts';
import { setMember } from '../../support/members.ts';
import { outcome } from '../../support/read-answers.ts';
import { document } from '../../support/start-app.ts';
import { type Instances, type Sent, sendAround, startInstances } from '../../support/two-instances.ts';

const usersPath = '/api/v2/users';
const password = 'the first of many';
const minute = 60_000;

interface People {
  readonly caller: {
    readonly id: number;
    readonly token: string;
    readonly tokenId: number;
    /** Another session of the caller. */
    readonly otherTokenId: number;
  };
  /** A member of the organization. */
  readonly target: { readonly id: number };
  readonly organizationId: number;
  /** Of the target. */
  readonly membershipId: number;
  /** To the organization. */
  readonly invitationId: number;
  readonly security: { readonly id: number; readonly token: string };
}

let made = 0;

/** A sysadmin with a session, a user to change, and a second sysadmin who revokes the rights. */
async function makePeople({ one }: Instances): Promise<People> {
  const email = (name: string) => `${name}${++made}@email.com`;
  const { id } = await one.createUser({ email: email('caller'), sysadmin: true, password });
  const token = await one.createToken(id, { machine: false, expiresAt: one.clock.now + 60 * minute });
  const tokens = await one.store.read.sessions.list(id);
  const organizationId = await one.createOrganization();
  const target = await one.createUser({ email: email('target'), organizationId });
  return {
    caller: { id, token, tokenId: tokens.at(-1)!.id, otherTokenId: tokens[0]!.id },
    target,
    organizationId,
    membershipId: (await one.store.read.memberships.idOf(organizationId, target.id))!,
    invitationId: (await insertInvitation(one, organizationId, email('guest'))).id,
    security: await one.createUser({ email: email('security'), sysadmin: true }),
  };
}

/** Every way in which a request writes. */
const writes: Readonly<Record<string, (people: People) => Omit<Sent, 'token'>>> = {
  'POST /api/v2/users': () => ({
    method: 'POST',
    path: usersPath,
    body: document({ email: `new${++made}@email.com`, first_name: 'Ann', last_name: 'Lee' }),
  }),
  'POST /api/v2/users with a password': () => ({
    method: 'POST',
    path: usersPath,
    body: document({ email: `new${++made}@email.com`, first_name: 'Ann', last_name: 'Lee', password }),
  }),
  'POST /api/v2/users with a key': () => ({
    method: 'POST',
    path: usersPath,
    body: document({ email: `new${++made}@email.com`, first_name: 'Ann', last_name: 'Lee' }),
    headers: { 'Idempotency-Key': 'key' },
  }),
  'PATCH /api/v2/users/{id} of oneself': ({ caller }) => change(caller.id, { first_name: 'Changed' }),
  'PATCH /api/v2/users/{id} of oneself, its email': ({ caller }) =>
    change(caller.id, { email: `changed${++made}@email.com` }),
  'PATCH /api/v2/users/{id} of oneself, as it is': ({ caller }) =>
    change(caller.id, { last_name: 'surname' }),
  'PATCH /api/v2/users/{id} of oneself, refused': ({ caller }) => change(caller.id, { last_name: '' }),
  'PATCH /api/v2/users/{id}': ({ target }) => change(target.id, { first_name: 'Changed' }),
  'PATCH /api/v2/users/{id}, its email': ({ target }) =>
    change(target.id, { email: `changed${++made}@email.com` }),
  'DELETE /api/v2/users/{id}': ({ target }) => ({ ...change(target.id, {}), method: 'DELETE' }),
  'PATCH /api/v2/users/{id}/update_password': ({ caller }) => ({
    method: 'PATCH',
    path: `${usersPath}/${caller.id}/update_password`,
    body: document({ current_password: password, password: 'the second of many' }),
  }),
  'PATCH /api/v2/users/{id}/unlock': ({ target }) => ({
    method: 'PATCH',
    path: `${usersPath}/${target.id}/unlock`,
    body: document({}),
  }),
  'PATCH /api/v2/sessions/{id} of oneself': ({ caller }) =>
    changeOf('sessions', caller.otherTokenId, { name: 'Changed' }),
  'DELETE /api/v2/sessions/{id} of oneself': ({ caller }) => ({
    ...changeOf('sessions', caller.otherTokenId, {}),
    method: 'DELETE',
  }),
  'DELETE /api/v2/sessions/current of oneself': () => ({
    method: 'DELETE',
    path: '/api/v2/sessions/current',
    body: {},
  }),
  'DELETE /api/v2/sessions of oneself': () => ({ method: 'DELETE', path: '/api/v2/sessions', body: {} }),
  'POST /api/v2/sessions/machine of oneself': () => ({
    method: 'POST',
    path: '/api/v2/sessions/machine',
    body: { data: { type: 'sessions', attributes: { name: 'CI' } } },
  }),
  'POST /api/v2/organizations': () => ({
    method: 'POST',
    path: '/api/v2/organizations',
    body: { data: { type: 'organizations', attributes: { name: 'New' } } },
  }),
  'PATCH /api/v2/organizations/{id}': ({ organizationId }) =>
    changeOf('organizations', organizationId, { name: 'Changed' }),
  'DELETE /api/v2/organizations/{id}': ({ organizationId }) => ({
    ...changeOf('organizations', organizationId, {}),
    method: 'DELETE',
  }),
  'POST /api/v2/organization_memberships': ({ organizationId, security }) => ({
    method: 'POST',
    path: '/api/v2/organization_memberships',
    body: {
      data: {
        type: 'organization_memberships',
        attributes: { organization_id: organizationId, user_id: security.id },
      },
    },
  }),
  'PATCH /api/v2/organization_memberships/{id}': ({ membershipId }) =>
    changeOf('organization_memberships', membershipId, { role: 'admin' }),
  'DELETE /api/v2/organization_memberships/{id}': ({ membershipId }) => ({
    ...changeOf('organization_memberships', membershipId, {}),
    method: 'DELETE',
  }),
  'POST /api/v2/organizations/{id}/invitations': ({ organizationId }) => ({
    method: 'POST',
    path: `/api/v2/organizations/${organizationId}/invitations`,
    body: { data: { type: 'invitations', attributes: { email: `new${++made}@email.com` } } },
  }),
  'PUT /api/v2/invitations/{id}/resend': ({ invitationId }) => ({
    method: 'PUT',
    path: `/api/v2/invitations/${invitationId}/resend`,
    body: {},
  }),
  'DELETE /api/v2/invitations/{id}': ({ invitationId }) => ({
    ...changeOf('invitations', invitationId, {}),
    method: 'DELETE',
  }),
};

function changeOf(type: string, id: number, attributes: Readonly<Record<string, unknown>>) {
  return { method: 'PATCH', path: `/api/v2/${type}/${id}`, body: { data: { type, attributes } } };
}

function change(id: number, attributes: Readonly<Record<string, unknown>>) {
  return { method: 'PATCH', path: `${usersPath}/${id}`, body: document(attributes) };
}

/** Every way to end the caller's access, through the other instance. */
const ends: Readonly<Record<string, (instances: Instances, people: People) => Promise<unknown>>> = {
  'its token is revoked': ({ other }, { caller }) =>
    other.store.write(({ sessions }) => sessions.end(caller.tokenId)),
  'its token expires': async ({ other }) => {
    other.clock.now += 60 * minute;
  },
  'its account is ended': ({ other }, { caller, security }) =>
    other.request('PATCH', `${usersPath}/${caller.id}`, {
      token: security.token,
      body: document({ account_access_expires_at: new Date(other.clock.now).toISOString() }),
    }),
  'its account is deleted': ({ other }, { caller, security }) =>
    other.request('DELETE', `${usersPath}/${caller.id}`, { token: security.token }),
  'its session is ended by a change of the password': async ({ other }, { caller }) => {
    const token = await other.createToken(caller.id);
    return other.request('PATCH', `${usersPath}/${caller.id}/update_password`, {
      token,
      body: document({ current_password: password, password: 'the third of many' }),
    });
  },
};

/** Ways to take a right but not the access; with the responses to requests that are no longer allowed. */
const losses: Readonly<Record<string, [attributes: Readonly<Record<string, unknown>>, RegExp]>> = {
  'it is demoted': [{ sysadmin: false }, /^(403 access_denied|404 record_not_found)$/],
  'its powers are taken': [{ sysadmin_permissions: [] }, /^403 access_denied$/],
  // All but an unlock, which needs another one.
  'the one power that it needs is taken': [
    { sysadmin_permissions: ['manage_security'] },
    /^403 access_denied$/,
  ],
};

test('every operation that writes is tried', () => {
  const tried = Object.keys(writes).map((name) => name.replace(/ (of|with) .*|, .*/g, ''));
  const known = catalog
    .filter(({ method, auth }) => method !== 'GET' && auth === 'token')
    .map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(new Set(tried), new Set(known));
});

onEachEngine((engine) => {
  for (const [end, happens] of Object.entries(ends)) {
    test(`a request is 401 and writes nothing where ${end} before its body has come`, async (t) => {
      const instances = await startInstances(t, engine);
      for (const [name, write] of Object.entries(writes)) {
        const people = await makePeople(instances);
        let before: unknown;
        const answer = await sendAround(
          t,
          instances,
          { ...write(people), token: people.caller.token },
          async () => {
            await happens(instances, people);
            before = await instances.rows();
          },
        );
        assert.equal(outcome(answer), '401 invalid_auth_token', name);
        assert.deepEqual(await instances.rows(), before, name);
      }
    });
  }

  test('an account whose end comes before the body writes nothing', async (t) => {
    const instances = await startInstances(t, engine);
    for (const [name, write] of Object.entries(writes)) {
      const people = await makePeople(instances);
      const account_access_expires_at = instances.one.clock.now + minute;
      await instances.one.store.write((transaction) =>
        transaction.records(users).update(people.caller.id, { account_access_expires_at }),
      );
      const before = await instances.rows();
      const answer = await sendAround(
        t,
        instances,
        { ...write(people), token: people.caller.token },
        async () => {
          instances.one.clock.now += minute;
        },
      );
      assert.equal(outcome(answer), '401 invalid_auth_token', name);
      assert.deepEqual(await instances.rows(), before, name);
    }
  });

  for (const [loss, [attributes, refusal]] of Object.entries(losses)) {
    test(`a request does what its caller may still do where ${loss} before its body has come`, async (t) => {
      const instances = await startInstances(t, engine);
      for (const [name, write] of Object.entries(writes)) {
        const people = await makePeople(instances);
        let before: unknown;
        const answer = await sendAround(
          t,
          instances,
          { ...write(people), token: people.caller.token },
          async () => {
            const { path, body } = change(people.caller.id, attributes);
            const lost = await instances.other.request('PATCH', path, { token: people.security.token, body });
            assert.equal(lost.status, 200);
            before = await instances.rows();
          },
        );
        if (/oneself, refused/.test(name)) assert.equal(outcome(answer), '422 invalid_attribute');
        else if (/oneself|update_password/.test(name) || (/unlock/.test(name) && /one power/.test(loss)))
          assert.ok(answer.status < 300, name);
        else {
          // Without the power, nobody else's invitation is seen.
          const isUnseen = /invitations\/\{id\}/.test(name);
          assert.match(outcome(answer), isUnseen ? /^404 record_not_found$/ : refusal, name);
          assert.deepEqual(await instances.rows(), before, name);
        }
      }
    });
  }

  for (const [loss, take] of Object.entries({
    'is demoted': { role: 'member' },
    'has an end that has come': { expires_at: '2026-03-17T04:04:00.843Z' },
  }))
    test(`what an owner may do is refused where the membership ${loss} before the body has come`, async (t) => {
      const instances = await startInstances(t, engine);
      const { one, other } = instances;
      const tried = Object.entries(writes).filter(([name]) =>
        /^(PATCH|DELETE).*organization|invitations/.test(name),
      );
      assert.equal(tried.length, 7);
      const elsewhere = await one.createOrganization();
      for (const [name, write] of tried) {
        const people = await makePeople(instances);
        const { organizationId, security } = people;
        const owner = await one.createUser({
          organizationId,
          role: 'owner',
          email: `owner${++made}@email.com`,
        });
        const membershipId = await one.store.read.memberships.idOf(organizationId, owner.id);
        await one.createUser({ organizationId, role: 'owner', email: `owner${++made}@email.com` });
        // Of another organization it stays the owner.
        await one.store.write((transaction) =>
          setMember(transaction, elsewhere, owner.id, 'owner', one.clock.now),
        );
        let before: unknown;
        const answer = await sendAround(t, instances, { ...write(people), token: owner.token }, async () => {
          const { path, body } = changeOf('organization_memberships', membershipId!, take);
          assert.equal((await other.request('PATCH', path, { token: security.token, body })).status, 200);
          before = await instances.rows();
        });
        assert.match(outcome(answer), /^(403 access_denied|404 record_not_found)$/, name);
        assert.deepEqual(await instances.rows(), before, name);
      }
    });

  test('a demoted sysadmin does not make itself one again', async (t) => {
    const instances = await startInstances(t, engine);
    for (const more of [{}, { email: 'another@email.com' }]) {
      const { caller, security } = await makePeople(instances);
      const wanted = {
        sysadmin: true,
        sysadmin_permissions: ['manage_security'],
        first_name: 'Ann',
        ...more,
      };
      const answer = await sendAround(
        t,
        instances,
        { ...change(caller.id, wanted), token: caller.token },
        () =>
          instances.other.request('PATCH', `${usersPath}/${caller.id}`, {
            token: security.token,
            body: document({ sysadmin: false, sysadmin_permissions: [] }),
          }),
      );
      assert.equal(answer.status, 200);
      const { first_name, sysadmin, sysadmin_permissions } = answer.body.data.attributes;
      assert.deepEqual([first_name, sysadmin, sysadmin_permissions], ['Ann', false, []]);
      assert.equal((await instances.other.store.read.records(users).find(caller.id))!.sysadmin, false);
    }
  });

  test('a power that is given before the body has come counts', async (t) => {
    const instances = await startInstances(t, engine);
    const { target, security } = await makePeople(instances);
    const { id, token } = await instances.one.createUser({ sysadmin: [] });
    const answer = await sendAround(
      t,
      instances,
      { ...change(target.id, { first_name: 'Ann' }), token },
      () =>
        instances.other.request('PATCH', `${usersPath}/${id}`, {
          token: security.token,
          body: document({ sysadmin_permissions: ['manage_users'] }),
        }),
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.body.data.attributes.first_name, 'Ann');
  });

  test('a caller who shows several tokens writes nothing where any of them is revoked', async (t) => {
    const instances = await startInstances(t, engine);
    for (const write of Object.values(writes)) {
      const people = await makePeople(instances);
      const { id, token, tokenId } = people.caller;
      const sent = write(people);
      const headers = { ...sent.headers, Authorization: `Bearer ${await instances.one.createToken(id)}` };
      let before: unknown;
      const answer = await sendAround(t, instances, { ...sent, token, headers }, async () => {
        await instances.other.store.write(({ sessions }) => sessions.end(tokenId));
        before = await instances.rows();
      });
      assert.equal(outcome(answer), '401 invalid_auth_token');
      assert.deepEqual(await instances.rows(), before);
    }
  });

  test('a POST that is repeated shows nothing to a caller whose token is revoked meanwhile', async (t) => {
    const instances = await startInstances(t, engine);
    const people = await makePeople(instances);
    const { token, tokenId } = people.caller;
    const { method, path, body, headers = {} } = writes['POST /api/v2/users with a key']!(people);
    assert.equal((await instances.one.request(method, path, { token, body, headers })).status, 201);
    const repeated = { method, path, body, headers, token };
    assert.equal((await sendAround(t, instances, repeated, async () => {})).status, 201);
    const answer = await sendAround(t, instances, repeated, () =>
      instances.other.store.write(({ sessions }) => sessions.end(tokenId)),
    );
    assert.equal(outcome(answer), '401 invalid_auth_token');
  });

  test('a caller with several tokens, all valid, writes as with one', async (t) => {
    const { one } = await startInstances(t, engine);
    const { id, token } = await one.createUser();
    const headers = { Authorization: `Bearer ${await one.createToken(id)}` };
    const { path, body } = change(id, { first_name: 'Ann' });
    assert.equal((await one.request('PATCH', path, { token, headers, body })).status, 200);
    assert.equal((await one.store.read.records(users).find(id))!.first_name, 'Ann');
  });

  test('what a token writes is there when its revocation is answered, or is never written', async (t) => {
    const instances = await startInstances(t, engine);
    const { one, other } = instances;
    for (let round = 0; round < 50; round++) {
      const { caller, target } = await makePeople(instances);
      const whose = round % 2 === 0 ? caller.id : target.id;
      const name = `Round ${round}`;
      // Every second pair of rounds uses a transaction with several statements.
      const attributes =
        round % 4 < 2 ? { first_name: name } : { first_name: name, email: `r${round}@email.com` };
      let seen: Promise<unknown> | undefined;
      const sent = { ...change(whose, attributes), token: caller.token };
      const { status } = await sendAround(t, instances, sent, async () => {
        // Not awaited, so that it races with the rest of the body.
        seen = (round % 3 === 0 ? one : other).store
          .write(({ sessions }) => sessions.end(caller.tokenId))
          .then(async () => (await one.store.read.records(users).find(whose))!.first_name);
        for (let pause = 0; pause < round % 5; pause++) await other.store.read.sessions.list(caller.id);
      });
      assert.ok(status === 200 || status === 401, String(status));
      assert.equal(await seen, status === 200 ? name : 'name', `round ${round}`);
      assert.equal(
        (await one.store.read.records(users).find(whose))!.first_name,
        await seen,
        `round ${round}`,
      );
    }
  });
});
