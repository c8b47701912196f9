// How the description tells of relationships and include, on resources that the product does not know.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireTool, runTool, testWithTools } from '../../support/development-tools.ts';
import { engines, temporaryFolder } from '../../support/engines.ts';
import { gadgetReviewsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

const engine = engines[0]!;

test('the description has include and the fields of each type that can be in the answer', async (t) => {
  const app = await startGadgets(t, engine);
  const { paths, components } = (await app.request('GET', '/api/v2/openapi.json')).body;
  const { get, post } = paths[gadgetReviewsPath];
  const names = get.parameters.map(({ name }: { name: string }) => name);
  for (const name of ['include', 'fields[gadget_reviews]', 'fields[gadgets]', 'fields[users]'])
    assert.ok(names.includes(name), name);
  const usersNames = paths['/api/v2/users'].get.parameters.map(({ name }: { name: string }) => name);
  assert.ok(!usersNames.includes('include') && !usersNames.includes('fields[gadgets]'));

  const review = components.schemas.gadget_reviews;
  assert.deepEqual(Object.keys(review.properties.attributes.properties), [
    'updated_at',
    'text',
    'verdict',
    'rank',
  ]);
  assert.deepEqual(Object.keys(review.properties.relationships.properties), [
    ...['gadget', 'author', 'reply_to', 'gadget_owner', 'organization'],
  ]);
  assert.equal(components.schemas.users.properties.relationships, undefined);
  const body = post.requestBody.content['application/vnd.api+json'].schema.properties.data.properties;
  assert.deepEqual(Object.keys(body), ['type', 'attributes', 'relationships']);
  // The gadget and the organization may be given as relationships.
  assert.deepEqual(body.attributes.required, ['text']);
  assert.ok('gadget_id' in body.attributes.properties);
});

testWithTools('answers with included records are what the description says', async (t) => {
  const app = await startGadgets(t, engine);
  const { id: author, token } = await app.createUser({ sysadmin: ['manage_organizations'] });
  const gadget_id = await app.addGadget({ owner_id: author });
  const first = await app.addReview({ gadget_id, author_id: author, organization_id: 1 });
  await app.addReview({ gadget_id, organization_id: 1, reply_to_id: first });
  const description = (await app.request('GET', '/api/v2/openapi.json')).body;
  const file = join(await temporaryFolder(t), 'openapi.json');
  await writeFile(file, JSON.stringify(description));
  const linted = await runTool('redocly', 'lint', '--extends=minimal', file);
  assert.equal(linted.code, 0, linted.stdout + linted.stderr);

  const ajv = new (requireTool('ajv/dist/2020').default)({ strict: false, allErrors: true });
  requireTool('ajv-formats').default(ajv);
  ajv.addSchema(description, 'description');
  for (const [path, pattern] of [
    [`${gadgetReviewsPath}?include=gadget.owner,author,reply_to`, gadgetReviewsPath],
    [`${gadgetReviewsPath}/${first}?include=gadget.part_of`, `${gadgetReviewsPath}/{id}`],
    [`${gadgetReviewsPath}?fields[gadget_reviews]=author&include=author`, gadgetReviewsPath],
    [gadgetReviewsPath, gadgetReviewsPath],
  ] as const) {
    const { status, body } = await app.request('GET', path, { token });
    assert.equal(status, 200);
    const pointer = [
      'paths',
      pattern,
      'get',
      'responses',
      '200',
      'content',
      'application/vnd.api+json',
      'schema',
    ]
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = ajv.compile({ $ref: `description#/${pointer}` });
    assert.ok(validate(body), `${path} ${JSON.stringify(validate.errors)}`);
  }
});
