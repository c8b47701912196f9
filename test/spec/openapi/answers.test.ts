// Responses match the OpenAPI description: status, media type, headers and body.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { requireTool, testWithTools } from '../../support/development-tools.ts';
import { engines } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import {
  type Answer,
  document,
  type RequestOptions,
  startApp,
  type TestApp,
} from '../../support/start-app.ts';

interface Run {
  readonly app: TestApp;
  /** Sends a request, and finds its response in the description. */
  check(method: string, path: string, status: number, options?: RequestOptions): Promise<Answer>;
  /** `POST /api/v2/users 201` */
  readonly seen: ReadonlySet<string>;
  readonly token: string;
}

async function startRun(t: TestContext, settings: Readonly<Record<string, string>> = {}): Promise<Run> {
  const app = await startApp(t, engines[0]!, settings);
  const { token } = await app.createUser({
    email: 'ä@münchen.example',
    sysadmin: true,
    password: 'a password of root',
    values: { preferences: '[1,{"a":null}]', flags: '{"a":1.5,"b":"x"}', newsletter_consent_at: 1 },
  });
  const description = (await app.request('GET', '/api/v2/openapi.json')).body;
  const Ajv = requireTool('ajv/dist/2020').default;
  const ajv = new Ajv({ strict: false, allErrors: true });
  requireTool('ajv-formats').default(ajv);
  ajv.addSchema(description, 'description');
  const resolve = (value: any) =>
    value?.$ref === undefined
      ? value
      : value.$ref
          .slice(2)
          .split('/')
          .reduce((part: any, name: string) => part[name], description);
  const seen = new Set<string>();

  return {
    app,
    seen,
    token,
    async check(method, path, status, options = {}) {
      const answer = await app.request(method, path, { token, ...options });
      const what = `${method} ${path} ${answer.status}`;
      assert.equal(answer.status, status, `${what} ${answer.text}`);
      const pathname = path.split('?')[0]!;
      const [pattern, item] = Object.entries(description.paths as Record<string, any>).find(([name]) =>
        new RegExp(`^${name.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
      )!;
      seen.add(`${method} ${pattern} ${status}`);
      const response = resolve(item[method.toLowerCase()].responses[status]);
      assert.ok(response, `${what} is not described`);
      // Tries of a 409 and the coding of a body are for some of the errors of their status alone.
      for (const name of Object.keys(response.headers ?? {}))
        if (!(status === 409 && name === 'Retry-After') && name !== 'Accept-Encoding')
          assert.ok(answer.headers.get(name), `${what} has no ${name}`);
      if (response.content === undefined) {
        assert.equal(answer.text, '', what);
        return answer;
      }
      const [[type, { schema }]] = Object.entries(response.content) as [[string, any]];
      assert.equal(answer.headers.get('content-type')!.split(';')[0], type, what);
      // References in the schema are resolved in the description.
      const within = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"description#/'));
      const valid = ajv.compile(within);
      assert.ok(valid(answer.body), `${what} ${JSON.stringify(valid.errors)} ${answer.text}`);
      return answer;
    },
  };
}

testWithTools('every answer is as the description says', async (t) => {
  const { check, seen, token } = await startRun(t, { rateLimit: '60' });
  const users = '/api/v2/users';
  const own = `${users}/1`;
  const ann = { email: 'ann@example.com', first_name: 'Ann', last_name: 'Lee' };
  const made = await check('POST', users, 201, {
    body: document({ ...ann, password: 'correct horse battery' }),
  });
  const path = `${users}/${made.body.data.id}`;

  const shown = await check('GET', own, 200);
  const etag = shown.headers.get('etag')!;
  await check('GET', own, 304, { headers: { 'If-None-Match': etag } });
  await check('GET', path, 200);
  await check('GET', `${own}?fields[users]=`, 200);
  const access = await check('GET', `${own}/access`, 200);
  await check('GET', `${own}/access`, 304, { headers: { 'If-None-Match': access.headers.get('etag')! } });
  await check('GET', `${own}/access?fields[access]=reasons`, 200);
  await check('GET', `${users}/999/access`, 404);
  for (const query of [
    '',
    '?page[size]=1',
    '?page[size]=1&page[number]=2',
    '?page[after]=&page[size]=1',
    '?filter[email]=none@example.com',
  ])
    await check('GET', users + query, 200);
  const list = await check('GET', users, 200);
  await check('GET', users, 304, { headers: { 'If-None-Match': list.headers.get('etag')! } });
  await check('PATCH', path, 200, { body: document({ last_name: 'Other' }) });
  const passwords = { current_password: 'a password of root', password: 'another password of root' };
  await check('PATCH', `${own}/update_password`, 200, { body: document(passwords) });

  const wrong = { token: 'invalid' };
  for (const [method, route] of [
    ['GET', users],
    ['POST', users],
    ['GET', own],
    ['PATCH', own],
    ['DELETE', own],
    ['PATCH', `${own}/update_password`],
  ] as const) {
    const body = method === 'POST' || method === 'PATCH' ? { body: document({}) } : {};
    await check(method, route, 401, wrong);
    await check(method, `${route}?foo=1`, 400, body);
    await check(method, route, 406, { ...body, headers: { Accept: 'text/html' } });
    await check(method, route, 403, { ...body, headers: { 'X-Organization-Id': 'none' } });
    await check(method, `${route}?${'x'.repeat(9000)}`, 414);
  }
  for (const [method, route] of [
    ['GET', '/999'],
    ['PATCH', '/abc'],
    ['DELETE', '/0'],
    ['PATCH', '/999/update_password'],
  ] as const)
    await check(method, users + route, 404, method === 'PATCH' ? { body: document({}) } : {});
  for (const [method, route] of [
    ['POST', users],
    ['PATCH', own],
    ['PATCH', `${own}/update_password`],
  ] as const) {
    await check(method, route, 409, { body: { data: { type: 'people' } } });
    await check(method, route, 415, { body: '{}', headers: { 'Content-Type': 'text/plain' } });
    await check(method, route, 422, { body: document({ nickname: 'x', last_name: '' }) });
    await check(method, route, 413, { body: ' '.repeat(1_600_000) });
  }
  await check('POST', users, 400, { body: document(ann), headers: { 'Idempotency-Key': 'a, b' } });
  await check('PATCH', path, 412, { body: document({ last_name: 'x' }), headers: { 'If-Match': '"x"' } });
  await check('DELETE', own, 409);
  await check('DELETE', path, 204);
  for (const route of ['/health/live', '/health/ready', '/api/v2/openapi.json'])
    await check('GET', route, 200);
  for (let i = 0; ; i++) {
    assert.ok(i < 200);
    const limited = await check('GET', users, 429).catch(() => null);
    if (limited !== null) break;
  }
  assert.ok(seen.size > 45, `${seen.size} ${token.length}`);
});

testWithTools(
  'answers about organizations, memberships and people are as the description says',
  async (t) => {
    const { app, check, seen } = await startRun(t);
    const api = '/api/v2';
    const organizations = `${api}/organizations`;
    const memberships = `${api}/organization_memberships`;
    const people = `${api}/people`;
    const body = (type: string, attributes: object) => ({ body: { data: { type, attributes } } });
    const made = await check('POST', organizations, 201, body('organizations', { name: 'Acme' }));
    const acme = `${organizations}/${made.body.data.id}`;
    const joined: string[] = [];
    for (const role of ['owner', 'admin', 'member']) {
      const { id } = await app.createUser();
      const given = { organization_id: made.body.data.id, user_id: id, role };
      const query = '?include=organization,user,person.organization,person.user';
      const member = await check('POST', memberships + query, 201, body('organization_memberships', given));
      joined.push(`${memberships}/${member.body.data.id}`);
    }
    const [owner, admin, member] = joined as [string, string, string];
    const role = (value: string | null) => body('organization_memberships', { role: value });
    await check('PATCH', admin, 200, role('member'));
    await check(
      'PATCH',
      `${admin}?include=person`,
      200,
      body('organization_memberships', { expires_at: '2020-01-01' }),
    );
    await check('PATCH', acme, 200, body('organizations', { invitation_token: 'new', subdomain: 'acme' }));
    await check('DELETE', member, 204);

    const lists = [memberships, organizations, people, `${acme}/organization_memberships`];
    lists.push(`${api}/users/1/organization_memberships`);
    for (const list of lists) {
      const shown = await check('GET', list, 200);
      await check('GET', list, 304, { headers: { 'If-None-Match': shown.headers.get('etag')! } });
      for (const query of ['page[after]=&page[size]=1', 'include=', 'fields[organizations]='])
        if (!query.startsWith('fields') || list === organizations)
          await check('GET', `${list}?${query}`, 200);
      await check('GET', `${list}?include=nobody`, 400);
      await check('GET', `${list}?filter[nobody]=1`, 400);
      await check('GET', `${list}?sort=nobody`, 400);
    }
    const some = 'fields[organization_memberships]=person&fields[people]=email,user&include=person.user';
    await check('GET', `${memberships}?${some}`, 200);
    await check('GET', `${people}?include=organization,user&fields[people]=role,deactivated_at`, 200);
    const left = await check('GET', `${people}?filter[deactivated_at][not_eq]=`, 200);
    assert.equal(left.body.data[0].attributes.role, null);
    for (const record of [acme, owner, `${people}/1`]) {
      const shown = await check('GET', record, 200);
      await check('GET', record, 304, { headers: { 'If-None-Match': shown.headers.get('etag')! } });
      await check('GET', `${record}?fields[organizations]=name`, record === acme ? 200 : 400);
    }

    const { token } = await app.createUser();
    const plain = { token };
    await check('POST', memberships, 403, { ...plain, ...role('member') });
    await check('POST', organizations, 403, { ...plain, ...body('organizations', { name: 'x' }) });
    for (const record of [acme, owner, `${people}/1`]) await check('GET', record, 404, plain);
    for (const list of lists.slice(3)) await check('GET', list, 404, plain);
    await check('PATCH', owner, 404, { ...plain, ...role('member') });
    await check('DELETE', owner, 404, plain);
    await check('DELETE', acme, 404, plain);
    for (const route of [...lists, acme, owner, `${people}/1`]) {
      await check('GET', route, 401, { token: 'invalid' });
      await check('GET', `${route}?foo=1`, 400);
      await check('GET', route, 406, { headers: { Accept: 'text/html' } });
      await check('GET', route, 403, { headers: { 'X-Organization-Id': 'none' } });
    }
    for (const [method, route] of [
      ['POST', memberships],
      ['PATCH', owner],
    ] as const) {
      await check(method, route, 409, { body: { data: { type: 'people' } } });
      await check(method, route, 415, { body: '{}', headers: { 'Content-Type': 'text/plain' } });
      await check(method, route, 422, body('organization_memberships', { role: 'king' }));
    }
    await check('PATCH', owner, 412, { ...role('owner'), headers: { 'If-Match': '"x"' } });
    // The first account, who made the organization, leaves it to the last owner.
    const own = (await app.store.read.memberships.idOf(Number(made.body.data.id), 1))!;
    await check('DELETE', `${memberships}/${own}`, 204);
    await check('DELETE', owner, 409);
    await check('PATCH', owner, 422, role('member'));
    await check('DELETE', acme, 204);
    assert.ok(seen.size > 60, `${seen.size}`);
  },
);

testWithTools('answers about new passwords by a link are as the description says', async (t) => {
  const { app, check, seen } = await startRun(t);
  const path = '/api/v2/passwords';
  const ann = 'ann@example.com';
  await app.createUser({ email: ann });
  const body = (attributes: object, type = 'passwords') => ({ body: { data: { type, attributes } } });
  await check('POST', path, 204, body({ email: ann }));
  const link = `${path}/${(await mailsTo(app, ann))[0]!.token}`;
  const shown = await check('GET', link, 200);
  await check('GET', `${link}?fields[passwords]=email`, 200);
  await check('GET', link, 304, { headers: { 'If-None-Match': shown.headers.get('etag')! } });
  await check('GET', link, 412, { headers: { 'If-Match': '"x"' } });
  await check('GET', `${path}/none`, 404);
  await check('PATCH', `${path}/none`, 404, body({ password: 'x' }));
  await check('POST', path, 403, { body: { data: { type: 'passwords', id: '1', attributes: {} } } });
  for (const [method, url] of [
    ['POST', path],
    ['PATCH', link],
  ] as const) {
    await check(method, `${url}?foo=1`, 400, body({ email: ann, password: 'x' }));
    await check(method, url, 406, { ...body({}), headers: { Accept: 'text/html' } });
    await check(method, url, 409, body({}, 'people'));
    await check(method, url, 413, { body: ' '.repeat(1_600_000) });
    await check(method, url, 415, { body: '{}', headers: { 'Content-Type': 'text/plain' } });
    await check(method, url, 422, body({ nickname: 'x' }));
  }
  await check('PATCH', link, 204, body({ password: 'correct horse battery' }));
  assert.equal(seen.size, 20);
});
