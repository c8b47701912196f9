// A Filter as SQL: its shape, its values, and the condition with a parameter for each of them.

import { type RawBuilder, sql } from 'kysely';
import type { Kind } from '../../model/kind.ts';
import { type Comparison, type Filter, type Linked, type Query, trigramLength } from '../../model/query.ts';
import { attributeOf, type Resource } from '../../model/resource.ts';
import { codePoints, fold } from '../../model/text.ts';
import type { Parameter } from './compiled-queries.ts';
import type { Engine } from './engine.ts';
import { foldedColumn, type ResourceTable } from './resource-table.ts';

type Condition = RawBuilder<boolean>;

/** Appends the filter's values in the order in which its condition takes them, and names all else it depends on. */
export function filterShape(filter: Filter | null, values: unknown[]): string {
  if (filter === null) return '';
  if ('words' in filter) {
    values.push(...filter.words);
    return `?${filter.words.map(searchTag).join('')}`;
  }
  if ('attribute' in filter) {
    const searched = filter.operator === 'contains' || filter.operator === 'not_contain';
    const tags = filter.values.map((value) => {
      if (value === null) return '0';
      values.push(value);
      return searched ? searchTag(fold(value as string)) : 'v';
    });
    return `${filter.attribute} ${filter.operator} ${tags.join('')};`;
  }
  if ('link' in filter) {
    values.push(...filter.others);
    return `linked ${filter.link.table} ${filter.link.id} ${filter.link.other} ${filter.others.length};`;
  }
  const parts = (filter.all ?? filter.any)!.map((part) => filterShape(part, values));
  return `${filter.any ? 'any' : 'all'}(${parts.join('')})`;
}

function searchTag(text: string): string {
  return isIndexed(text) ? 'l' : 's';
}

function isIndexed(text: string): boolean {
  return codePoints(text) >= trigramLength;
}

/**
 * Where a filter says no more than that texts, all of them in the index, stand in some columns: both.
 * @param parameters the filter's first
 */
export function asTextSearch(
  filter: Filter | null,
  resource: Resource,
  parameters: readonly Parameter[],
): { columns: readonly string[]; texts: readonly Parameter[] } | null {
  if (filter === null) return null;
  if ('words' in filter) {
    const { words } = filter;
    if (resource.search.length === 0 || words.length === 0 || !words.every(isIndexed)) return null;
    return { columns: resource.search.map(foldedColumn), texts: parameters.slice(0, words.length) };
  }
  if (!('attribute' in filter) || filter.operator !== 'contains' || filter.values.length !== 1) return null;
  const [text] = filter.values;
  if (typeof text !== 'string' || !isIndexed(fold(text))) return null;
  if (!resource.search.includes(filter.attribute)) return null;
  return { columns: [foldedColumn(filter.attribute)], texts: [parameters[0]!.map(fold)] };
}

/** The email, or whatever else no two records share, of which a query wants the one that has it; null for other queries. */
export function askedIdentity({ filter, sort, page }: Query, resource: Resource): string | null {
  if (filter === null || !('attribute' in filter) || filter.operator !== 'eq') return null;
  const [value] = filter.values;
  if (filter.values.length !== 1 || typeof value !== 'string') return null;
  if (attributeOf(resource, filter.attribute).kind.folded !== 'identity') return null;
  const isFirst = page.by === 'cursor' ? page.after === null : page.number === 1;
  return isFirst && sort[0]!.attribute === 'id' ? `${filter.attribute} ${value}` : null;
}

const never: Condition = sql<boolean>`1 = 0`;
const always: Condition = sql<boolean>`1 = 1`;

/** @param takeParameter gives the parameters of the filter's values, one after the other */
export function filterSql(
  filter: Filter,
  table: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): Condition {
  if ('words' in filter) {
    const { search } = table.resource;
    return joined(
      filter.words.map((word) => containsSql(search, word, takeParameter(), table, engine)),
      ' and ',
      always,
    );
  }
  if ('attribute' in filter) return comparisonSql(filter, table, engine, takeParameter);
  if ('link' in filter) return linkedSql(filter, table, takeParameter);
  const conditions = (filter.all ?? filter.any)!.map((part) => filterSql(part, table, engine, takeParameter));
  return joined(conditions, filter.any ? ' or ' : ' and ', filter.any ? never : always);
}

/** Text is searched and sorted by its folded companion, everything else by its own column. */
export function sortColumn(name: string, table: ResourceTable): string {
  const { folded } = attributeOf(table.resource, name).kind;
  return table.column(folded === undefined ? name : foldedColumn(name));
}

/** That the text stands in one of the attributes. @param text folded */
function containsSql(
  attributes: readonly string[],
  text: string,
  parameter: Parameter,
  table: ResourceTable,
  engine: Engine,
): Condition {
  if (attributes.length === 0) return never;
  const { search } = table.resource;
  const byIndex = isIndexed(text) && attributes.every((name) => search.includes(name));
  return engine.contains(table.name, attributes.map(foldedColumn), parameter, byIndex);
}

/** Looked up for each record, as one may be linked with several of the others. */
function linkedSql(
  { link, others }: Linked,
  table: ResourceTable,
  takeParameter: () => Parameter,
): Condition {
  if (others.length === 0) return never;
  const column = (name: string) => sql.ref(`${link.table}.${name}`);
  return sql<boolean>`exists (select ${column(link.id)} from ${sql.table(link.table)}
    where ${column(link.id)} = ${sql.ref(table.id)} and ${column(link.other)} in (${sql.join(others.map(takeParameter))}))`;
}

function joined(conditions: readonly Condition[], operator: ' and ' | ' or ', empty: Condition): Condition {
  if (conditions.length === 0) return empty;
  // In halves: SQLite refuses expressions deeper than 1,000, and a list of them is as deep as it is long.
  if (conditions.length > 100) {
    const middle = conditions.length >> 1;
    const halves = [conditions.slice(0, middle), conditions.slice(middle)];
    return joined(
      halves.map((half) => joined(half, operator, empty)),
      operator,
      empty,
    );
  }
  return sql<boolean>`(${sql.join(conditions, sql.raw(operator))})`;
}

const comparators = { gt: '>', gt_eq: '>=', lt: '<', lt_eq: '<=' } as const;

function comparisonSql(
  { attribute, operator, values }: Comparison,
  table: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): Condition {
  const { kind, nullable } = attributeOf(table.resource, attribute);
  const column = sql.ref(table.column(attribute));
  if (operator !== 'eq' && operator !== 'not_eq' && operator !== 'contains' && operator !== 'not_contain')
    return sql<boolean>`${column} ${sql.raw(comparators[operator])} ${takeParameter()}`;

  const present = values.filter((value) => value !== null);
  const alternatives: Condition[] = [];
  if (operator === 'contains' || operator === 'not_contain')
    for (const text of present)
      alternatives.push(
        containsSql([attribute], fold(text as string), takeParameter().map(fold), table, engine),
      );
  else if (present.length > 0)
    alternatives.push(equalSql(attribute, kind, table, present.map(takeParameter)));
  const wantsNull = present.length < values.length;
  if (wantsNull) alternatives.push(sql<boolean>`${column} is null`);
  const any = joined(alternatives, ' or ', never);
  if (operator === 'eq' || operator === 'contains') return any;
  // What has no value equals and contains nothing; SQL alone would answer neither yes nor no.
  return nullable && !wantsNull ? sql<boolean>`(${column} is null or not ${any})` : sql<boolean>`not ${any}`;
}

/** A name is compared exactly, found by its folded companion's index; an identity without regard to case. */
function equalSql(
  attribute: string,
  { folded }: Kind,
  table: ResourceTable,
  parameters: readonly Parameter[],
): Condition {
  const oneOf = (column: string, list: readonly Parameter[]) =>
    list.length === 1
      ? sql<boolean>`${sql.ref(table.column(column))} = ${list[0]}`
      : sql<boolean>`${sql.ref(table.column(column))} in (${sql.join(list)})`;
  if (folded === undefined) return oneOf(attribute, parameters);
  const byKey = oneOf(
    foldedColumn(attribute),
    parameters.map((parameter) => parameter.map(fold)),
  );
  return folded === 'identity' ? byKey : sql<boolean>`(${byKey} and ${oneOf(attribute, parameters)})`;
}
