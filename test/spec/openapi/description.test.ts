// The OpenAPI description: served without a token, and valid for common tools.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { assertError } from '../../support/assert-error.ts';
import { runTool, testWithTools, toolsFolder } from '../../support/development-tools.ts';
import { engines, temporaryFolder } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

const path = '/api/v2/openapi.json';
const engine = engines[0]!;

/** The description of a running service, in a file. */
async function describedIn(t: TestContext, app: TestApp): Promise<string> {
  const file = join(await temporaryFolder(t), 'openapi.json');
  const { text } = await app.request('GET', path);
  await writeFile(file, text);
  return file;
}

test('the description is served without a token, with a tag, and names the server', async (t) => {
  const app = await startApp(t, engine);
  const answer = await app.request('GET', path);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(answer.body.openapi, '3.1.0');
  assert.deepEqual(
    answer.body.servers.map(({ url }: { url: string }) => url),
    [app.url],
  );
  const etag = answer.headers.get('etag')!;
  assert.match(etag, /^"[\w-]{43}"$/);
  const known = await app.request('GET', path, { headers: { 'If-None-Match': etag } });
  assert.deepEqual([known.status, known.text, known.headers.get('etag')], [304, '', etag]);
  // With any headers and any query.
  for (const headers of [
    { 'X-Auth-Token': 'invalid' },
    { Accept: 'text/html' },
    { Accept: 'application/json' },
  ])
    assert.equal(
      (await app.request('GET', path, { headers: headers as Record<string, string> })).status,
      200,
    );
  const head = await app.request('HEAD', path);
  assert.deepEqual([head.status, head.text, head.headers.get('etag')], [200, '', etag]);
  for (const name of ['x-request-id', 'x-content-type-options', 'vary'])
    assert.ok(answer.headers.get(name), name);
});

test('the description names the public address where there is one', async (t) => {
  const app = await startApp(t, engine, { publicUrl: 'https://users.example.com' });
  const { servers } = (await app.request('GET', path)).body;
  assert.equal(servers[0].url, 'https://users.example.com');
});

test('the description is read alone', async (t) => {
  const app = await startApp(t, engine);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await app.request(method, path);
    assertError(answer, 405, 'method_not_allowed');
    assert.equal(answer.headers.get('allow'), 'HEAD, GET, OPTIONS');
  }
  const options = await app.request('OPTIONS', path);
  assert.deepEqual([options.status, options.headers.get('allow')], [204, 'HEAD, GET, OPTIONS']);
});

test('the description may be read by the pages of origins that may read answers', async (t) => {
  const origin = 'https://app.example.com';
  const app = await startApp(t, engine, { corsOrigins: origin });
  const allowed = async (Origin: string) =>
    (await app.request('GET', path, { headers: { Origin } })).headers.get('access-control-allow-origin');
  assert.equal(await allowed(origin), origin);
  assert.equal(await allowed('https://evil.example.com'), null);
});

test('D7 describes exactly the routes that are registered, except pages for people and those that are refused', async (t) => {
  const app = await startApp(t, engine);
  const { paths } = (await app.request('GET', path)).body;
  const described = Object.entries(paths as Record<string, object>).flatMap(([name, item]) =>
    Object.keys(item)
      .filter((method) => method !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${name.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  assert.deepEqual(
    described.filter((route) => !app.routes.includes(route)),
    [],
  );
  for (const route of app.routes.filter((one) => !described.includes(one))) {
    if (route.startsWith('GET /account/')) continue;
    const [method, url] = route.split(' ') as [string, string];
    assertError(await app.request(method, url), 405, 'method_not_allowed');
  }
});

test('names, summaries and operation ids of the description are unique', async (t) => {
  const app = await startApp(t, engine);
  const { paths } = (await app.request('GET', path)).body;
  const operations = Object.values(paths as Record<string, Record<string, any>>).flatMap(
    ({ parameters, ...methods }) => Object.values(methods),
  );
  for (const name of ['operationId', 'summary'])
    assert.equal(new Set(operations.map((operation) => operation[name])).size, operations.length, name);
  for (const { operationId } of operations) assert.match(operationId, /^[a-z][A-Za-z]+$/);
});

test('every parameter that the description names is understood', async (t) => {
  const app = await startApp(t, engine);
  const { token } = await app.createUser({ sysadmin: true });
  const { paths } = (await app.request('GET', path)).body;
  const samples: Record<string, string> = {
    'page[after]': '',
    'filter[$op]': 'or',
    sort: '-id',
  };
  const organizationId = await app.createOrganization();
  let count = 0;
  for (const [path, { get }] of Object.entries<any>(paths)) {
    const parameters: any[] = (get?.parameters ?? []).filter((one: any) => one.in === 'query');
    const names = parameters.map(({ name }) => name);
    if (!names.includes('page[number]')) continue;
    // All paths that the description lists, so that records of every type can be in the response.
    const described = parameters.find(({ name }) => name === 'include')?.description;
    const include = described && /: ([\w., ]+)\.$/.exec(described)![1]!.replaceAll(' ', '');
    for (const name of names) {
      const values =
        samples[name] !== undefined
          ? [samples[name]]
          : ['1', 'true', '2026-01-01', 'en_US', 'member', 'success', ''];
      const others = name.startsWith('fields') && include ? `&include=${include}` : '';
      const answers = [];
      for (const value of name === 'include' ? [include] : values) {
        const url = `${path.replace('{id}', String(organizationId))}?${name}=${value}${others}`;
        answers.push(await app.request('GET', url, { token }));
      }
      assert.ok(
        answers.some(({ status }) => status === 200),
        `${path} ${name}: ${answers.map(outcome)}`,
      );
      count++;
    }
  }
  assert.ok(count > 200, `${count}`);
});

test('an attribute with fixed values allows null where a person shows it', async (t) => {
  const app = await startApp(t, engine);
  const { components } = (await app.request('GET', path)).body;
  const roleOf = (type: string) => components.schemas[type].properties.attributes.properties.role.enum;
  assert.deepEqual(roleOf('organization_memberships'), ['owner', 'admin', 'member']);
  assert.deepEqual(roleOf('people'), ['owner', 'admin', 'member', null]);
});

test('examples of requests name only attributes that the request takes', async (t) => {
  const app = await startApp(t, engine);
  const { paths } = (await app.request('GET', path)).body;
  let count = 0;
  for (const item of Object.values(paths))
    for (const [method, { requestBody }] of Object.entries<any>(item as object)) {
      if (requestBody === undefined) continue;
      const [{ schema, example }] = Object.values<any>(requestBody.content);
      const known = Object.keys(schema.properties.data.properties.attributes.properties);
      const given = Object.keys(example.data.attributes);
      assert.ok(given.length > 0 && given.every((name) => known.includes(name)), `${method} ${given}`);
      count++;
    }
  assert.ok(count >= 7, `${count}`);
});

const settings: Record<string, Record<string, string>> = {
  'with default settings': {},
  'with a public address and metrics': {
    publicUrl: 'https://users.muster.test',
    metricsToken: 'metrics-token-metrics',
  },
};
for (const [name, given] of Object.entries(settings)) {
  testWithTools(`Redocly and Spectral find nothing to recommend ${name}`, async (t) => {
    const file = await describedIn(t, await startApp(t, engine, given));
    const redocly = await runTool('redocly', 'lint', '--extends', 'recommended', '--format', 'json', file);
    const { problems } = JSON.parse(redocly.stdout);
    assert.deepEqual(
      problems.map(({ ruleId, message }: Record<string, string>) => `${ruleId}: ${message}`),
      [],
    );
    const spectral = await runTool(
      'spectral',
      ...['lint', '--ruleset', join(toolsFolder, 'spectral.yaml')],
      ...['--fail-severity', 'hint', '--format', 'json', file],
    );
    assert.equal(spectral.code, 0, spectral.stdout + spectral.stderr);
  });
}

testWithTools(
  'a generated client type-checks, creates, filters by operation, sends If-Match and reads the total',
  async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ email: 'root@example.com', sysadmin: true });
    const file = await describedIn(t, app);
    const folder = await temporaryFolder(t);
    const types = join(folder, 'muster-api.d.ts');
    const generated = await runTool('openapi-typescript', file, '--output', types);
    assert.equal(generated.code, 0, generated.stderr);

    const client = join(toolsFolder, 'client/use-client.ts');
    const project = join(folder, 'tsconfig.json');
    const config = {
      extends: join(toolsFolder, 'client/tsconfig.json'),
      compilerOptions: { paths: { 'muster-api': [types] } },
      files: [client],
    };
    await writeFile(project, JSON.stringify(config));
    const checked = await runTool('tsc', '--project', project);
    assert.equal(checked.stdout, '');

    const { useClient } = await import(pathToFileURL(client).href);
    const { created, ...outcome } = await useClient(app.url, token);
    assert.deepEqual(created.attributes.flags, { new_menu: true });
    assert.deepEqual(outcome, {
      repeatedId: created.id,
      found: ['ann@example.com'],
      totalCount: 1,
      nextPage: `${app.url}/api/v2/users?page%5Bnumber%5D=2&page%5Bsize%5D=1`,
      refused: ['precondition_failed', 'invalid_attribute'],
      rules: ['data/attributes/first_name'],
      changed: 'Anna',
      joined: ['Anna', 'Acme', 'admin'],
      deletedStatus: 204,
    });
  },
);
