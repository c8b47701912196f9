// All kinds of lists that the service allows, from its routes and the definitions of their resources: filters by each
// operator with values that many records have, few, or none; sorts; pages; searches; groups up to the limits; includes.

import type { Attribute } from '../src/model/attribute.ts';
import type { FilterOperator } from '../src/model/kind.ts';
import type { Resource } from '../src/model/resource.ts';
import { zone } from '../src/model/zone.ts';
import type { Route } from '../src/resources/route.ts';
import { users } from '../src/resources/users/users.ts';

export interface ListShape {
  readonly name: string;
  /** Without the size of the page. */
  readonly path: string;
}

/** Texts to search for: one to three characters, rare and frequent; and longer ones. */
const parts = ['a', 'zq', 'as', 'zqx', 'las', 'last97', 'First499'];
/** Those that a kind of attribute reads are values of its filters. */
const values = [
  ...['true', 'false', '1', '999999999', '2000-01-01T00:00:00Z', '2100-01-01T00:00:00Z'],
  ...['en_US', 'Europe/Berlin', 'person7@example.com', 'Last97', 'member', 'nobody'],
];
const maxValues = 4;
const searching: readonly FilterOperator[] = ['contains', 'not_contain'];

/** @param id of the record that a path names, of any resource */
export function listShapes(routes: readonly Route[], id: number): ListShape[] {
  const lists = routes.filter(({ answers, method }) => answers === 'collection' && method === 'GET');
  return [...lists.flatMap((route) => shapesOf(route, id)), ...groups(users)];
}

function shapesOf({ path, resource }: Route, id: number): ListShape[] {
  const list = path.replace(/\{\w+\}/, String(id));
  const filters = [...resource.filters].flatMap(([name, attribute]) => filtersBy(name, attribute));
  const sorts = signed([...resource.sorts]);
  const pages = ['page[number]=1', 'page[number]=2000', 'page[number]=9000'];
  const queries = [
    ...filters,
    ...sorts.flatMap((sort) => pages.map((page) => `sort=${sort}&${page}`)),
    // Cursors are of attributes that are never null.
    ...signed([...resource.sorts].filter(([, { nullable }]) => !nullable)).map(
      (sort) => `sort=${sort}&page[after]=`,
    ),
    ...(resource.isAppended ? [] : sortedFilters(resource, filters, sorts)),
    ...searches(resource),
    ...Object.keys(resource.relationships).map((name) => `include=${name}`),
  ];
  const name = list.replace('/api/v2/', '');
  return queries.map((query) => ({ name: `${name} ${query}`, path: `${list}?${query}` }));
}

function signed(attributes: readonly (readonly [string, Attribute])[]): string[] {
  return attributes.flatMap(([name]) => [name, `-${name}`]);
}

function filtersBy(name: string, { kind, nullable }: Attribute): string[] {
  const known = values
    .filter((value) => kind.readFilter(value, zone('UTC')) !== undefined)
    .slice(0, maxValues);
  const valuesOf = (operator: FilterOperator) => {
    if (searching.includes(operator)) return parts;
    // An empty text means null, which is neither greater nor less than anything.
    return nullable && !/^[gl]t/.test(operator) ? [...known, ''] : known;
  };
  return kind.operators.flatMap((operator) =>
    valuesOf(operator).map((value) => `filter[${name}][${operator}]=${encodeURIComponent(value)}`),
  );
}

/** Each sort with a filter that many match, and with one that few match. */
function sortedFilters(resource: Resource, filters: readonly string[], sorts: readonly string[]): string[] {
  if (sorts.length === 0) return [];
  const many = filters.find((filter) => /\[not_eq\]=(true|999999999)$/.test(filter));
  const few = filters.find((filter) => /\[contains\]=zq$/.test(filter));
  const two = [...resource.sorts.keys()].slice(0, 2).join();
  return [
    ...[many, few]
      .filter((filter) => filter !== undefined)
      .flatMap((filter) => sorts.map((sort) => `${filter}&sort=${sort}`)),
    ...(many === undefined
      ? []
      : [`${many}&page[number]=4000`, `${many}&sort=${sorts.at(-1)}&page[number]=4000`]),
    `sort=${two}`,
    `sort=${two}&page[number]=4000`,
  ];
}

function searches({ search }: Resource): string[] {
  const texts = [...parts, 'a b c', 'last first example', 'zqx wvu'];
  return search.length === 0 ? [] : texts.map((text) => `filter[query]=${encodeURIComponent(text)}`);
}

/** Groups of filters up to the limits of a query. */
function groups({ type }: Resource): ListShape[] {
  const list = (query: string) => `/api/v2/${type}?${query}`;
  const each = (count: number, filter: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => `filter[${i}]${filter(i)}`).join('&');
  const letters = 'zqxwvjkybp';
  const anyOf = 'filter[$op]=or&';
  const queries = {
    '10 short texts, all': each(10, (i) => `[last_name][contains]=${letters[i]}q`),
    '10 short texts, any': anyOf + each(10, (i) => `[last_name][contains]=${letters[i]}q`),
    '10 frequent texts, all': each(10, (i) => `[email][contains]=${'person@exa'[i]}`),
    '10 long texts, any': anyOf + each(10, (i) => `[email][contains]=person${i}`),
    '10 texts that are not there': each(10, (i) => `[first_name][not_contain]=${letters[i]}q`),
    '45 equal names, any': anyOf + each(45, (i) => `[last_name][eq]=Last${i}`),
    '45 not equal names, all': each(45, (i) => `[last_name][not_eq]=Last${i}`),
    '45 ends and times, any': anyOf + each(45, (i) => `[updated_at][lt]=20${10 + (i % 15)}-01-01T00:00:00Z`),
    '200 names': `filter[last_name]=${Array.from({ length: 200 }, (_, i) => `Last${i}`)}`,
    '200 names, sorted': `filter[last_name]=${Array.from({ length: 200 }, (_, i) => `Last${i}`)}&sort=-updated_at`,
  };
  return Object.entries(queries).map(([name, query]) => ({ name: `${type} ${name}`, path: list(query) }));
}
