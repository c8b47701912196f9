// An attribute is one entry in a definition and one migration: all that the API does with it follows. Each kind is added
// to a resource of its own, whose table is there already.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Attribute } from '../../../src/model/attribute.ts';
import { everyAudience } from '../../../src/model/audience.ts';
import type { FilterOperator, Kind } from '../../../src/model/kind.ts';
import * as kinds from '../../../src/model/kinds.ts';
import { defineResource, type Resource } from '../../../src/model/resource.ts';
import { type Contents, product } from '../../../src/open-store.ts';
import { creationOf } from '../../../src/resources/operations/create.ts';
import { listOperation } from '../../../src/resources/operations/list.ts';
import { showOperation } from '../../../src/resources/operations/show.ts';
import { updateOperation } from '../../../src/resources/operations/update.ts';
import type { WriteRules } from '../../../src/resources/operations/write-rules.ts';
import type { Route } from '../../../src/resources/route.ts';
import { onEachEngine } from '../../support/engines.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';
import { addAttribute, makeTable } from '../../support/toy/make-table.ts';

const anyone = ['anyone'] as const;
const title: Attribute = {
  kind: kinds.personName,
  required: true,
  read: 'everyone',
  create: anyone,
  update: anyone,
  sort: true,
  description: 'What it is called.',
};

/** One entry. */
const entryOf = (kind: Kind): Attribute => ({
  kind,
  nullable: true,
  read: 'everyone',
  create: anyone,
  update: anyone,
  ...(kind.operators.length > 0 && { filter: true, sort: true }),
  description: 'The attribute that is added.',
});

const resourceOf = (type: string, kind?: Kind): Resource =>
  defineResource({
    type,
    singular: type.slice(0, -1),
    audiences: { anyone: 'whoever has a token' },
    search: ['title', ...(kind?.folded === undefined ? [] : ['added'])],
    attributes: { title, ...(kind && { added: entryOf(kind) }) },
  });

const { subsetOf, oneOf, ...others } = kinds;
const made = { subset: subsetOf(['red', 'blue']), choice: oneOf(['red', 'blue']) };
const samples = Object.entries({ ...others, ...made }).map(([name, kind]: [string, Kind]) => {
  const type = `${name.toLowerCase()}_things`;
  const before = resourceOf(type);
  const resource = resourceOf(type, kind);
  const { examples, type: jsonType } = kind.schema as { examples?: readonly unknown[]; type?: string };
  const value = examples?.[0] ?? (jsonType === 'string' ? 'some text' : undefined);
  return { name, kind, type, before, resource, value };
});
type Sample = (typeof samples)[number];

const contents: Contents = {
  resources: [...product.resources, ...samples.map(({ resource }) => resource)],
  migrations: {
    ...product.migrations,
    ...Object.fromEntries(samples.map(({ type, before }) => [`9001-${type}`, makeTable(before)])),
    ...Object.fromEntries(
      samples.map(({ type, resource }) => [`9002-${type}`, addAttribute(resource, 'added')]),
    ),
  },
};

const rulesOf = (resource: Resource): WriteRules => ({
  resource,
  access: {
    resource,
    audienceOf: () => everyAudience(resource),
    seesAnyway: () => true,
    visible: () => null,
  },
  requireMayCreate() {},
  requireMayUpdate() {},
  requireMayDelete() {},
});

function routesOf({ name, type, resource }: Sample): Route[] {
  const rules = rulesOf(resource);
  const common = { auth: 'token', resource, policy: 'Everyone.', description: 'For a test.' } as const;
  const collection = { ...common, path: `/api/v2/${type}` };
  const record = {
    ...common,
    path: `/api/v2/${type}/{id}`,
    parameters: { id: 'id' },
    target: { resource, parameter: 'id' },
    answers: 'record',
  } as const;
  return [
    {
      ...collection,
      name: `list_${name}`,
      method: 'GET',
      body: 'none',
      operation: listOperation(rules.access),
      answers: 'collection',
    },
    {
      ...collection,
      name: `create_${name}`,
      method: 'POST',
      body: 'document',
      creation: creationOf(rules),
      answers: 'created',
    },
    { ...record, name: `show_${name}`, method: 'GET', body: 'none', operation: showOperation(rules.access) },
    {
      ...record,
      name: `update_${name}`,
      method: 'PATCH',
      body: 'document',
      operation: updateOperation(rules),
    },
  ];
}

/** The record with the value comes first where it is compared with itself; null is compared with nothing. */
const found: Readonly<Record<FilterOperator, readonly ('value' | 'null')[]>> = {
  eq: ['value'],
  not_eq: ['null'],
  contains: ['value'],
  not_contain: ['null'],
  gt: [],
  gt_eq: ['value'],
  lt: [],
  lt_eq: ['value'],
};

async function drive(app: TestApp, token: string, { kind, type, value }: Sample): Promise<void> {
  const path = `/api/v2/${type}`;
  const send = async (method: string, to: string, attributes?: object) => {
    const body = attributes && { data: { type, attributes } };
    const answer = await app.request(method, to, { token, ...(body && { body }) });
    assert.ok(answer.status < 300, `${method} ${to}: ${answer.text}`);
    return answer.body;
  };
  const titles = async (query: string): Promise<string[]> => {
    const { data } = await send('GET', `${path}?${query}`);
    return data.map(({ attributes }: { attributes: { title: string } }) => attributes.title);
  };

  const created = await send('POST', path, { title: 'value', added: value });
  assert.deepEqual(created.data.attributes, { title: 'value', added: value });
  const one = `${path}/${created.data.id}`;
  await send('POST', path, { title: 'null' });

  for (const next of [null, value, null, value]) {
    assert.deepEqual((await send('PATCH', one, { added: next })).data.attributes.added, next);
    assert.deepEqual((await send('GET', one)).data.attributes, { title: 'value', added: next });
  }
  assert.deepEqual((await send('GET', `${one}?fields[${type}]=added`)).data.attributes, { added: value });

  const wrong = await app.request('PATCH', one, {
    token,
    body: { data: { type, attributes: { added: wrongFor(kind) } } },
  });
  if (!setByServer.includes(kind)) {
    assert.equal(wrong.status, 422, wrong.text);
    assert.equal(wrong.body.errors[0].source.pointer, 'data/attributes/added');
  }

  const text = encodeURIComponent(String(value));
  for (const operator of kind.operators)
    assert.deepEqual(await titles(`filter[added][${operator}]=${text}`), found[operator], operator);
  if (kind.operators.length > 0) {
    assert.deepEqual(await titles(`filter[added]=${text}`), ['value']);
    assert.deepEqual(await titles('sort=added'), ['null', 'value']);
    assert.deepEqual(await titles('sort=-added'), ['value', 'null']);
  } else {
    for (const query of [`filter[added]=${text}`, 'sort=added'])
      assert.equal((await app.request('GET', `${path}?${query}`, { token })).status, 400, query);
  }
  if (kind.folded !== undefined)
    assert.deepEqual(await titles(`filter[query]=${text.toUpperCase().slice(0, 3)}`), ['value']);
  if (kind.folded === 'identity') {
    const body = { data: { type, attributes: { title: 'second', added: value } } };
    const taken = await app.request('POST', path, { token, body });
    assert.equal(taken.status, 422);
    assert.equal(taken.body.errors[0].detail, 'has already been taken');
  }
}

/** They refuse nothing, because no client writes them. */
const setByServer: readonly Kind[] = [kinds.recordedChanges, kinds.recordedDetails];

/** A value that the kind refuses. */
function wrongFor(kind: Kind): unknown {
  // Any JSON is refused for its size alone.
  return kind === kinds.anyJson ? 'x'.repeat(70_000) : { nested: { deeply: [] } };
}

onEachEngine((engine) => {
  test('an attribute of any kind is one entry and one migration', async (t: TestContext) => {
    const routes = samples.flatMap(routesOf);
    const app = await startApp(t, engine, {}, { contents, routes });
    const { token } = await app.createUser();
    for (const sample of samples) await t.test(`of the kind ${sample.name}`, () => drive(app, token, sample));
  });
});
