// Tests everything that a resource does by its definition alone, through the API on each engine. Mistakes in a
// migration, for example a missing trigger, fail here.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { anyJson, email } from '../../src/model/kinds.ts';
import type { Resource } from '../../src/model/resource.ts';
import { assertError } from './assert-error.ts';
import { type EngineName, onEachEngine } from './engines.ts';
import type { Answer, TestApp } from './start-app.ts';

type Values = Readonly<Record<string, unknown>>;

interface Caller {
  readonly app: TestApp;
  /** Token of an account that sees every record. */
  readonly token: string;
}

interface Options {
  /** Audiences of the caller, the same for every record. */
  readonly audiences: readonly string[];
  /** Starts a service with the resource and without records. */
  start(t: TestContext, engine: EngineName): Promise<Caller>;
  /** Attributes that need special values, for example ids of other records. */
  readonly values?: Values;
  /** Attributes for which the server generates a value of its own. */
  readonly generated?: readonly string[];
}

export function testResource(
  resource: Resource,
  { audiences, start, values = {}, generated = [] }: Options,
): void {
  const { type, attributes, search } = resource;
  const path = `/api/v2/${type}`;
  const names = (action: 'create' | 'update' | 'read') =>
    resource.names.filter((name) => {
      const members = attributes[name]![action];
      return members === 'everyone' || members?.some((member) => audiences.includes(member));
    });
  /**
   * A valid value for the attribute.
   * @param word makes it differ from the values of other records
   */
  const sample = (name: string, word: string): unknown => {
    const { kind, example } = attributes[name]!;
    if (Object.hasOwn(values, name)) return values[name];
    if (kind === email) return `${word}-${name}@example.com`;
    if (kind.folded === 'identity') return `${word}-${name}`;
    if (kind.folded === 'search') return `${word} ${name}`;
    const { examples } = kind.schema as { examples?: readonly unknown[] };
    return example ?? examples?.[0] ?? word;
  };
  const samples = (of: readonly string[], word: string) =>
    Object.fromEntries(of.map((name) => [name, sample(name, word)]));
  const required = names('create').filter((name) => attributes[name]!.required);

  const open = async (t: TestContext, engine: EngineName) => {
    const { app, token } = await start(t, engine);
    const send = (method: string, to: string, given?: Values, headers = {}) =>
      app.request(method, to, {
        token,
        headers,
        ...(given && { body: { data: { type, attributes: given } } }),
      });
    const done = async (...request: Parameters<typeof send>): Promise<Answer> => {
      const answer = await send(...request);
      assert.ok(answer.status < 300, `${request.slice(0, 2).join(' ')}: ${answer.text}`);
      return answer;
    };
    const create = async (given: Values) => (await done('POST', path, given)).body.data;
    const idsOf = async (query: string): Promise<string[]> =>
      (await done('GET', `${path}?${query}`)).body.data.map(({ id }: { id: string }) => id);
    return { send, done, create, idsOf };
  };

  onEachEngine((engine) => {
    test(`${type}: a record is created with all that the caller may give, and shown as it was given`, async (t) => {
      const { create, done, send } = await open(t, engine);
      const given = samples(names('create'), 'first');
      const { id } = await create(given);
      const shown = (await done('GET', `${path}/${id}`)).body.data.attributes;
      assert.deepEqual(Object.keys(shown), resource.names);
      for (const name of names('create').filter((name) => names('read').includes(name)))
        assert.deepEqual(shown[name], given[name], name);
      for (const name of required) {
        const { [name]: _left, ...rest } = samples(names('create'), 'second');
        assertError(await send('POST', path, rest), 422, 'invalid_attribute');
      }
      await done('DELETE', `${path}/${id}`);
      assertError(await send('GET', `${path}/${id}`), 404, 'record_not_found');
    });

    test(`${type}: each attribute that the caller may change is changed for itself, to null and back`, async (t) => {
      const { create, done, send } = await open(t, engine);
      const one = `${path}/${(await create(samples(required, 'first'))).id}`;
      for (const name of names('update')) {
        const { kind, nullable } = attributes[name]!;
        const { updated_at: _at, ...before } = (await done('GET', one)).body.data.attributes;
        for (const value of [sample(name, 'other'), ...(nullable ? [null, sample(name, 'other')] : [])]) {
          const { attributes: after } = (await done('PATCH', one, { [name]: value })).body.data;
          if (generated.includes(name) && value !== null) assert.notDeepEqual(after[name], value, name);
          else if (names('read').includes(name)) assert.deepEqual(after[name], value, name);
          for (const other of resource.columns.filter((other) => other in before && other !== name))
            assert.deepEqual(after[other], before[other], `${name} changes ${other}`);
        }
        const wrong = kind === anyJson ? 'x'.repeat(70_000) : { nested: { deeply: [] } };
        assertError(await send('PATCH', one, { [name]: wrong }), 422, 'invalid_attribute');
      }
      assertError(await send('PATCH', one, { no_attribute: 1 }), 422, 'invalid_attribute');
    });

    test(`${type}: filters and sorts are those of the definition, and no others`, async (t) => {
      const { create, idsOf, send } = await open(t, engine);
      const full = await create(samples(names('create'), 'first'));
      const bare = await create(samples(required, 'second'));
      for (const name of resource.names) {
        const { kind, filter, sort } = attributes[name]!;
        const value = full.attributes[name];
        const text = encodeURIComponent(String(value));
        if (filter && value !== null) {
          assert.ok((await idsOf(`filter[${name}]=${text}`)).includes(full.id), name);
          assert.ok(!(await idsOf(`filter[${name}][not_eq]=${text}`)).includes(full.id), name);
          for (const operator of kind.operators) await idsOf(`filter[${name}][${operator}]=${text}`);
        }
        if (filter && bare.attributes[name] === null)
          assert.ok((await idsOf(`filter[${name}]=`)).includes(bare.id), name);
        if (!filter) assertError(await send('GET', `${path}?filter[${name}]=x`), 400, 'unsupported_filter');
        if (sort)
          for (const order of [name, `-${name}`])
            assert.deepEqual((await idsOf(`sort=${order}`)).sort(), [full.id, bare.id].sort(), order);
        else assertError(await send('GET', `${path}?sort=${name}`), 400, 'unsupported_sort');
      }
    });

    test(`${type}: a word is found in each searched attribute as it is now`, async (t) => {
      const { create, done, idsOf } = await open(t, engine);
      const { id } = await create(samples(required, 'first'));
      const find = (word: string) => idsOf(`filter[query]=${word}`);
      for (const name of search.filter((name) => names('update').includes(name))) {
        for (const [word, old] of [
          ['glimmer', 'sparkle'],
          ['sparkle', 'glimmer'],
        ] as const) {
          await done('PATCH', `${path}/${id}`, { [name]: sample(name, word) });
          assert.deepEqual([await find(word.toUpperCase()), await find(old)], [[id], []], name);
        }
        const last = attributes[name]!.nullable ? null : sample(name, 'first');
        await done('PATCH', `${path}/${id}`, { [name]: last });
        assert.deepEqual(await find('sparkle'), [], name);
      }
      await done('DELETE', `${path}/${id}`);
      assert.deepEqual(await find('first'), []);
    });

    test(`${type}: totals and the tags of lists follow every change`, async (t) => {
      const { create, done, send } = await open(t, engine);
      const tags = new Set<string>();
      const isNow = async (total: number) => {
        const { headers, body } = await done('GET', path);
        assert.equal(body.meta.total_count, total);
        const tag = headers.get('etag')!;
        assert.ok(!tags.has(tag), 'a list has the tag that it had before a change');
        tags.add(tag);
        assert.equal((await send('GET', path, undefined, { 'If-None-Match': tag })).status, 304);
      };
      await isNow(0);
      const ids = [(await create(samples(required, 'first'))).id];
      await isNow(1);
      ids.push((await create(samples(required, 'second'))).id);
      await isNow(2);
      const name = names('update').find((name) => required.includes(name))!;
      await done('PATCH', `${path}/${ids[0]}`, { [name]: sample(name, 'third') });
      await isNow(2);
      for (const [left, id] of [
        [1, ids[0]],
        [0, ids[1]],
      ] as const) {
        await done('DELETE', `${path}/${id}`);
        await isNow(left);
      }
    });
  });
}
