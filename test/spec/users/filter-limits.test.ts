// Limits of a whole query: limits of a single filter are not enough, because groups multiply them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { ids } from '../../support/read-answers.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const anyOf = (filters: readonly string[]) =>
  ['filter[$op]=or', ...filters.map((filter, i) => filter.replace('filter', `filter[${i}]`))].join('&');
const ask = (app: TestApp, token: string, query: string) =>
  app.request('GET', `/api/v2/users?${query}`, { token });

onEachEngine((engine) => {
  test('ten texts that no index has are looked for, in one filter or in groups, and eleven are refused', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const shapes: Readonly<Record<string, (count: number) => string>> = {
      'values of two letters': (count) =>
        `filter[first_name][contains]=${times(count, (i) => `n${i}`.slice(0, 2))},na`,
      'values in groups': (count) => anyOf(times(count, () => 'filter[first_name][contains]=na')),
      'groups within groups': (count) =>
        times(count, (i) => `filter[${i}][0][1][first_name][contains]=na`).join('&'),
      'one word of one letter in each group': (count) => anyOf(times(count, () => 'filter[query]=n')),
      'words in groups': (count) =>
        anyOf([
          `filter[query]=${times(5, () => 'na').join('+')}`,
          `filter[query]=${times(count - 5, () => 'na').join('+')}`,
        ]),
      'long texts of not_contain': (count) =>
        times(count, (i) => `filter[${i}][email][not_contain]=nobody${i}`).join('&'),
      'two letters of four bytes': (count) =>
        anyOf([
          ...times(count - 1, () => 'filter[first_name][contains]=\u{10400}\u{10400}'),
          'filter[first_name][contains]=na',
        ]),
    };
    for (const [what, shape] of Object.entries(shapes)) {
      // Equal values of one filter count once; the values of the first shape are all different.
      const [fits, refused] = what === 'values of two letters' ? [9, 10] : [10, 11];
      assert.deepEqual(ids(await ask(app, token, shape(fits))), [id], what);
      const [error] = assertError(await ask(app, token, shape(refused)), 400, 'unsupported_filter');
      assert.match(
        error!.detail,
        /^More than 10 texts of fewer than 3 characters, or of not_contain, .* they may require reading every record$/,
      );
      assert.deepEqual(error!.source, { parameter: 'filter' });
    }
  });

  test('ten texts are looked for, and eleven are refused, however long', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    for (const shape of [
      (count: number) =>
        anyOf(times(count, (i) => `filter[first_name][contains]=${i === 0 ? 'nam' : `nobody${i}`}`)),
      (count: number) =>
        `filter[first_name][contains]=${times(count, (i) => (i === 0 ? 'nam' : `nobody${i}`))}`,
      (count: number) => anyOf(times(count, (i) => `filter[query]=${i === 0 ? 'name' : `nobody${i}`}`)),
    ]) {
      assert.deepEqual(ids(await ask(app, token, shape(10))), [id]);
      const [error] = assertError(await ask(app, token, shape(11)), 400, 'unsupported_filter');
      assert.match(error!.detail, /^More than 10 texts to search for /);
    }
  });

  test('both limits are settings', async (t) => {
    const app = await startApp(t, engine, { maxSearchedTexts: '2', maxUnindexedTexts: '0' });
    const { id, token } = await app.createUser({ sysadmin: true });
    assert.deepEqual(ids(await ask(app, token, 'filter[query]=name+surname')), [id]);
    for (const query of [
      'filter[query]=na',
      'filter[query]=name+surname+user',
      'filter[email][not_contain]=nobody',
    ])
      assertError(await ask(app, token, query), 400, 'unsupported_filter');
  });

  test('as many values and filters as the settings allow reach the database, and more are refused', async (t) => {
    const app = await startApp(t, engine, {
      maxFilters: '1000',
      maxFilterValues: '10000',
      maxUrlBytes: '65536',
    });
    const { id, token } = await app.createUser({ sysadmin: true });
    const names = (count: number) => `filter[first_name]=name${',a'.repeat(count - 1)}`;
    for (const query of [
      `filter[id]=${times(9000, (i) => i + id)}`,
      times(900, (i) => `filter[${i}][id]=${id}`).join('&'),
      anyOf(times(900, () => `filter[id]=${id}`)),
      `filter[updated_at]=2026-03-17,${times(999, (i) => `20${10 + (i % 16)}-01-${10 + (i % 18)}`)}`,
      `filter[first_name]=name,${times(9000, (i) => i.toString(36))}`,
    ])
      assert.deepEqual(ids(await ask(app, token, query)), [id], query.slice(0, 60));
    const tooMany = [
      names(2),
      `filter[id]=${times(5100, (i) => i + 1)}`,
      `filter[id][not_eq]=${times(5100, (i) => i + 1)}`,
    ];
    const [error] = assertError(await ask(app, token, tooMany.join('&')), 400, 'unsupported_filter');
    assert.equal(error!.detail, 'More than 10000 filter values in all are not supported');
  });

  test('a filter value is refused where it is longer than any text that is kept', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser();
    for (const filter of [
      'filter[email]=',
      'filter[last_name][contains]=',
      'filter[query]=',
      'filter[time_zone]=',
    ]) {
      assertError(
        await ask(app, token, filter.padEnd(2049 + filter.length, 'a')),
        400,
        'unsupported_filter_value',
      );
    }
  });

  test('as many filters as the setting says are answered, and one more is refused', async (t) => {
    const app = await startApp(t, engine, { maxFilters: '3' });
    const { id, token } = await app.createUser({ sysadmin: true });
    const filters = (count: number) => times(count, (i) => `filter[${i}][id][eq]=${id}`).join('&');
    assert.deepEqual(ids(await ask(app, token, filters(3))), [id]);
    const [error] = assertError(await ask(app, token, filters(4)), 400, 'unsupported_filter');
    assert.equal(error!.detail, 'More than 3 filters are not supported on this endpoint');
  });
});
