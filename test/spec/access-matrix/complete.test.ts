// The access matrix is complete: whatever a route or a definition adds must have an expectation.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../../../src/model/resource.ts';
import { catalog } from '../../../src/resources/catalog.ts';
import { resources } from '../../../src/resources/resources.ts';
import type { Route } from '../../../src/resources/route.ts';
import { linkRoutes } from '../../support/link-routes.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import type { Expectation, RouteExpectation } from './expectation.ts';
import { expectations, routeExpectations } from './expectations.ts';

/** By which token and method a route that does this is called, and what it answers. */
const forms: Readonly<Record<RouteExpectation['does'], string>> = {
  list: 'token GET collection',
  show: 'token GET record',
  'show caller': 'token GET record',
  create: 'token POST created',
  update: 'token PATCH record',
  delete: 'token DELETE nothing',
  'delete own': 'token DELETE nothing',
  act: 'token PATCH record',
  'send again': 'token PUT nothing',
  report: 'token GET report',
  'list reports': 'token GET collection',
  'sign in': 'none POST created',
  'ask for a link': 'none POST nothing',
  'show a link': 'none GET record',
  'use a link': 'none PATCH nothing',
  'join by a link': 'optional PATCH nothing',
};

function problemsOfRoute({ name, method, path, auth, answers, resource }: Route): string[] {
  const expected = routeExpectations[name];
  if (expected === undefined) return [`${name}: nothing is expected of ${method} ${path}`];
  const form = `${auth} ${method} ${typeof answers === 'string' ? answers : 'report' in answers ? 'report' : answers.mediaType} ${resource.type}`;
  const expectedForm = `${forms[expected.does]} ${expected.of}`;
  return form === expectedForm ? [] : [`${name}: is ${form}, and ${expectedForm} is expected`];
}

const namesOf = {
  attribute: {
    defined: ({ names }: Resource) => names,
    expected: ({ attributes }: Expectation) => [...attributes.keys()],
  },
  'hidden attribute': {
    defined: ({ attributes }) => Object.keys(attributes).filter((name) => attributes[name]!.hidden),
    expected: ({ hidden }) => hidden,
  },
  'attribute that is not included': {
    defined: ({ attributes }) => Object.keys(attributes).filter((name) => attributes[name]!.notIncluded),
    expected: ({ notIncluded }) => notIncluded,
  },
  relationship: {
    defined: ({ relationships }) =>
      Object.entries(relationships).map(
        ([name, { to, linked }]) => `${name} to ${to}${linked ? ', linked' : ''}`,
      ),
    expected: ({ relationships }) =>
      Object.entries(relationships).map(
        ([name, { to, isAlwaysLinked }]) => `${name} to ${to}${isAlwaysLinked ? ', linked' : ''}`,
      ),
  },
  filter: { defined: ({ filters }) => [...filters.keys()], expected: ({ filters }) => filters },
  sort: { defined: ({ sorts }) => [...sorts.keys()], expected: ({ sorts }) => sorts },
  'searched attribute': { defined: ({ search }) => search, expected: ({ search }) => search },
} satisfies Record<
  string,
  {
    defined(resource: Resource): readonly string[];
    expected(expectation: Expectation): readonly string[];
  }
>;

function problemsOfResource(resource: Resource): string[] {
  const { type } = resource;
  const expectation = expectations.get(type);
  if (expectation === undefined) return [`nothing is expected of ${type}`];
  return Object.entries(namesOf).flatMap(([what, { defined, expected }]) => {
    const [is, should] = [new Set(defined(resource)), new Set<string>(expected(expectation))];
    return [
      ...[...is.difference(should)].map((name) => `${type}.${name}: nothing is expected of the ${what}`),
      ...[...should.difference(is)].map((name) => `${type}.${name}: there is no such ${what}`),
    ];
  });
}

test('D5 every route has a policy in words', () => {
  for (const { name, policy } of catalog) assert.match(policy, /\w+.*\.$/, name);
});

test('D5 every route of the catalog has an expectation of its form, and no expectation is left over', () => {
  assert.deepEqual(catalog.flatMap(problemsOfRoute), []);
  assert.deepEqual(Object.keys(routeExpectations).sort(), catalog.map(({ name }) => name).sort());
});

test('every attribute, filter, sort and searched attribute has an expectation', () => {
  assert.deepEqual(resources.flatMap(problemsOfResource), []);
  assert.deepEqual([...expectations.keys()].sort(), resources.map(({ type }) => type).sort());
});

test('attributes are expected in the order of documents', () => {
  for (const { type, names } of resources)
    assert.deepEqual([...expectations.get(type)!.attributes.keys()], names);
});

test('what is new and has no expectation is named', () => {
  assert.deepEqual(problemsOfRoute(linkRoutes[0]!), [
    'putNote: nothing is expected of PUT /api/v2/users/{id}/notes/{note_id}',
  ]);
  assert.deepEqual(problemsOfRoute({ ...catalog[0]!, method: 'PATCH' } as Route), [
    'listUsers: is token PATCH collection users, and token GET collection users is expected',
  ]);
  assert.deepEqual(problemsOfResource(gadgets), ['nothing is expected of gadgets']);
  assert.deepEqual(problemsOfResource({ ...resources[0]!, search: ['email', 'locale'] }), [
    'users.locale: nothing is expected of the searched attribute',
    'users.first_name: there is no such searched attribute',
    'users.last_name: there is no such searched attribute',
  ]);
});
