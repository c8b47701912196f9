// Who may do what to whom: section D5 of the standards checklist, as a matrix of every route of users, every role and
// every relation to the record. A route that is added has to be added here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { usersRoutes } from '../../../src/resources/users/users-routes.ts';
import { passwordHasher } from '../../../src/security/passwords.ts';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { type Answer, document, type NewUser, startApp, type TestApp } from '../../support/start-app.ts';

const roles = {
  'no token': null,
  'a plain member': { role: 'member' },
  'an admin': { role: 'admin' },
  'an owner': { role: 'owner' },
  'a sysadmin without powers': { sysadmin: [] },
  'a sysadmin with manage_organizations': { sysadmin: ['manage_organizations'] },
  'a sysadmin with manage_users': { sysadmin: ['manage_users'] },
  'a sysadmin with manage_security': { sysadmin: ['manage_security'] },
  'a sysadmin with every power': { sysadmin: true },
} as const satisfies Record<string, NewUser | null>;

type RoleName = keyof typeof roles;

/** The caller's own record, that of a member of the same organization, and that of someone in another one. */
const targets = ['self', 'fellow', 'stranger'] as const;

/** For `{id}` routes: the status for each target, in order; for a collection: one status. */
const expected: Readonly<Record<string, Readonly<Record<RoleName, readonly number[]>>>> = {
  'GET /api/v2/users': {
    'no token': [401],
    'a plain member': [200],
    'an admin': [200],
    'an owner': [200],
    'a sysadmin without powers': [200],
    'a sysadmin with manage_organizations': [200],
    'a sysadmin with manage_users': [200],
    'a sysadmin with manage_security': [200],
    'a sysadmin with every power': [200],
  },
  'POST /api/v2/users': {
    'no token': [401],
    'a plain member': [403],
    'an admin': [403],
    'an owner': [403],
    'a sysadmin without powers': [403],
    'a sysadmin with manage_organizations': [403],
    'a sysadmin with manage_users': [201],
    'a sysadmin with manage_security': [403],
    'a sysadmin with every power': [201],
  },
  'GET /api/v2/users/{id}': {
    'no token': [401, 401, 401],
    'a plain member': [200, 404, 404],
    'an admin': [200, 200, 404],
    'an owner': [200, 200, 404],
    'a sysadmin without powers': [200, 200, 200],
    'a sysadmin with manage_organizations': [200, 200, 200],
    'a sysadmin with manage_users': [200, 200, 200],
    'a sysadmin with manage_security': [200, 200, 200],
    'a sysadmin with every power': [200, 200, 200],
  },
  'PATCH /api/v2/users/{id}': {
    'no token': [401, 401, 401],
    'a plain member': [200, 404, 404],
    'an admin': [200, 403, 404],
    'an owner': [200, 403, 404],
    'a sysadmin without powers': [200, 403, 403],
    'a sysadmin with manage_organizations': [200, 403, 403],
    'a sysadmin with manage_users': [200, 200, 200],
    'a sysadmin with manage_security': [200, 403, 403],
    'a sysadmin with every power': [200, 200, 200],
  },
  'DELETE /api/v2/users/{id}': {
    'no token': [401, 401, 401],
    'a plain member': [403, 404, 404],
    'an admin': [403, 403, 404],
    'an owner': [403, 403, 404],
    'a sysadmin without powers': [403, 403, 403],
    'a sysadmin with manage_organizations': [403, 403, 403],
    'a sysadmin with manage_users': [204, 204, 204],
    'a sysadmin with manage_security': [403, 403, 403],
    'a sysadmin with every power': [204, 204, 204],
  },
  'PATCH /api/v2/users/{id}/update_password': {
    'no token': [401, 401, 401],
    'a plain member': [200, 404, 404],
    'an admin': [200, 403, 404],
    'an owner': [200, 403, 404],
    'a sysadmin without powers': [200, 403, 403],
    'a sysadmin with manage_organizations': [200, 403, 403],
    'a sysadmin with manage_users': [200, 403, 403],
    'a sysadmin with manage_security': [200, 403, 403],
    'a sysadmin with every power': [200, 403, 403],
  },
};

let created = 0;

/** A valid body for each route, so that only the caller decides. */
const bodies: Readonly<Record<string, () => unknown>> = {
  'POST /api/v2/users': () =>
    document({ email: `new${++created}@email.com`, first_name: 'New', last_name: 'User' }),
  'PATCH /api/v2/users/{id}': () => document({ first_name: 'Changed' }),
  'PATCH /api/v2/users/{id}/update_password': () =>
    document({ current_password: 'password1234', password: 'newpassword1234' }),
};

const routes = usersRoutes.map(({ method, path }) => `${method} ${path}`);

const refusals = { 401: 'invalid_auth_token', 403: 'access_denied', 404: 'record_not_found' } as const;

const passwordHash = passwordHasher(1).run((hashing) => hashing.hash('password1234'));

async function cast(app: TestApp, roleName: RoleName) {
  const home = await app.createOrganization('home');
  const abroad = await app.createOrganization('abroad');
  const role = roles[roleName];
  // The sysadmin is in no organization here, so only their powers count.
  const isSysadmin = role !== null && 'sysadmin' in role;
  const self = await app.createUser({ ...role, ...(!isSysadmin && { organizationId: home }) });
  const fellow = await app.createUser({ organizationId: home });
  const stranger = await app.createUser({ organizationId: abroad });
  const hash = await passwordHash;
  await app.store.write(async ({ passwords }) => {
    for (const { id } of [self, fellow, stranger]) await passwords.set(id, hash, app.clock.now);
  });
  return { ids: { self: self.id, fellow: fellow.id, stranger: stranger.id }, token: role && self.token };
}

function assertStatus(answer: Answer, status: number, cell: string): void {
  assert.equal(answer.status, status, `${cell}: ${answer.text}`);
  if (status >= 400) assertError(answer, status, refusals[status as keyof typeof refusals]);
}

async function stateOf(app: TestApp, ids: readonly number[]) {
  const rows = await Promise.all(ids.map((id) => app.store.read.records(users).find(id)));
  const hashes = await Promise.all(ids.map((id) => app.store.read.passwords.find(id)));
  return { rows, hashes, count: (await app.store.read.records(users).state()).rowCount };
}

test('D5 every route has a policy in words', () => {
  for (const route of usersRoutes) assert.match(route.policy, /\w+.*\.$/, `${route.method} ${route.path}`);
});

test('D5 every route stands in the matrix, once, and no other does', () => {
  assert.deepEqual([...routes].sort(), Object.keys(expected).sort());
});

onEachEngine((engine) => {
  for (const [route, byRole] of Object.entries(expected)) {
    const [method, path] = route.split(' ') as [string, string];
    const isRecord = path.includes('{id}');

    test(`D5 ${route} is answered as the caller's role allows`, async (t) => {
      const app = await startApp(t, engine);
      await app.createUser({ sysadmin: true });
      for (const [roleName, statuses] of Object.entries(byRole) as [RoleName, readonly number[]][]) {
        const answers = isRecord ? statuses.map((status, i) => `${status} to ${targets[i]}`) : statuses;
        await t.test(`D5 ${route} answers ${roleName} ${answers.join(', ')}`, async () => {
          for (const [i, status] of statuses.entries()) {
            const target = targets[i]!;
            const { ids, token } = await cast(app, roleName);
            const body = bodies[route]?.();
            const before = await stateOf(app, Object.values(ids));
            const answer = await app.request(method, path.replace('{id}', String(ids[target])), {
              ...(token !== null && { token }),
              ...(body !== undefined && { body }),
            });
            assertStatus(answer, status, target);
            const after = await stateOf(app, Object.values(ids));
            if (status >= 400 || method === 'GET') assert.deepEqual(after, before);
            else assert.notDeepEqual(after, before);
          }
        });
      }
    });
  }

  test('D5 a caller who may not is refused before the body is looked at', async (t) => {
    const app = await startApp(t, engine);
    const { ids, token } = await cast(app, 'an owner');
    for (const body of ['{', '[]', { data: { type: 'people' } }, document({ nonsense: 1 })]) {
      assertStatus(await app.request('POST', '/api/v2/users', { token: token!, body }), 403, 'POST');
      for (const path of ['', '/update_password'])
        assertStatus(
          await app.request('PATCH', `/api/v2/users/${ids.fellow}${path}`, { token: token!, body }),
          403,
          path,
        );
    }
    const none = { body: '{' };
    assertStatus(await app.request('PATCH', `/api/v2/users/${ids.self}`, none), 401, 'no token');
  });

  test('D5 the powers of one who is no sysadmin are none', async (t) => {
    const app = await startApp(t, engine);
    const all = JSON.stringify(['manage_users', 'manage_organizations', 'manage_security']);
    const { token } = await app.createUser({ values: { sysadmin_permissions: all } });
    const { id } = await app.createUser();
    assertStatus(await app.request('GET', `/api/v2/users/${id}`, { token }), 404, 'GET');
    assertStatus(await app.request('DELETE', `/api/v2/users/${id}`, { token }), 404, 'DELETE');
    const body = bodies['POST /api/v2/users']!();
    assertStatus(await app.request('POST', '/api/v2/users', { token, body }), 403, 'POST');
  });
});
