// Translates a Filter into SQL: its shape for the cache of compiled queries, its values, and the condition.

import { type RawBuilder, sql } from 'kysely';
import type { Kind } from '../../model/kind.ts';
import { type Comparison, type Linked, type Query, trigramLength } from '../../model/query.ts';
import { attributeOf, type Resource } from '../../model/resource.ts';
import { codePoints, fold } from '../../model/text.ts';
import type { Parameter } from './compiled-queries.ts';
import type { Engine } from './engine.ts';
import { joined } from './joined.ts';
import type { Planned } from './plan-short-texts.ts';
import { foldedColumn, type ResourceTable } from './resource-table.ts';
import { shortShape, shortSql } from './short-texts.ts';

type Condition = RawBuilder<boolean>;

/**
 * Appends the filter's values, in the order in which its condition uses them.
 * @returns the shape: everything else that the SQL depends on
 */
export function filterShape(filter: Planned | null, values: unknown[]): string {
  if (filter === null) return '';
  if ('terms' in filter) return shortShape(filter, values);
  if ('words' in filter) {
    values.push(...filter.words);
    return `?${filter.words.map(searchTag).join('')}`;
  }
  if ('attribute' in filter) {
    if (isLongList(filter)) {
      values.push(filter.values);
      return `${filter.attribute} ${filter.operator} list;`;
    }
    const searched = filter.operator === 'contains' || filter.operator === 'not_contain';
    const tags = filter.values.map((value) => {
      if (value === null) return '0';
      values.push(value);
      return searched ? searchTag(fold(value as string)) : 'v';
    });
    return `${filter.attribute} ${filter.operator} ${tags.join('')};`;
  }
  if ('link' in filter) {
    const { link, others, after } = filter;
    const isLong = others.length > maxParameters;
    values.push(...(isLong ? [others] : others));
    if (after !== undefined) values.push(after.time);
    return `linked ${link.table} ${link.id} ${link.other} ${isLong ? 'list' : others.length} ${after?.column ?? ''};`;
  }
  const parts = (filter.all ?? filter.any)!.map((part) => filterShape(part, values));
  return `${filter.any ? 'any' : 'all'}(${parts.join('')})`;
}

/** Longer lists are one parameter, so that each length is not another statement, and databases take them. */
const maxParameters = 100;

function isLongList({ operator, values }: Comparison): boolean {
  const isEquality = operator === 'eq' || operator === 'not_eq';
  return isEquality && values.length > maxParameters && values.every((value) => typeof value === 'number');
}

function searchTag(text: string): string {
  return isIndexed(text) ? 'l' : 's';
}

function isIndexed(text: string): boolean {
  return codePoints(text) >= trigramLength;
}

/**
 * If a filter only requires that some columns contain some texts, and the text index covers all of them: these
 * columns and texts; else null.
 * @param parameters those of the filter come first
 */
export function asTextSearch(
  filter: Planned | null,
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

export interface IdentityLookup {
  readonly column: string;
  readonly key: string;
}

/**
 * If a query looks up one record by a unique attribute, for example its email: the folded column, and what it must hold; else
 * null.
 */
export function identityLookup({ filter, sort, page }: Query, resource: Resource): IdentityLookup | null {
  if (filter === null || !('attribute' in filter) || filter.operator !== 'eq') return null;
  const [value] = filter.values;
  if (filter.values.length !== 1 || typeof value !== 'string') return null;
  if (attributeOf(resource, filter.attribute).kind.folded !== 'identity') return null;
  const isFirst = page.by === 'cursor' ? page.after === null : page.number === 1;
  return isFirst && sort[0]!.attribute === 'id'
    ? { column: foldedColumn(filter.attribute), key: fold(value) }
    : null;
}

const never: Condition = sql<boolean>`1 = 0`;
const always: Condition = sql<boolean>`1 = 1`;

/** @param takeParameter returns the parameters of the filter's values, in order */
export function filterSql(
  filter: Planned,
  table: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): Condition {
  if ('terms' in filter) return shortSql(filter, table, engine, takeParameter);
  if ('words' in filter) {
    const { search } = table.resource;
    return allOf(filter.words.map((word) => containsSql(search, word, takeParameter(), table, engine)));
  }
  if ('attribute' in filter) return comparisonSql(filter, table, engine, takeParameter);
  if ('link' in filter) return linkedSql(filter, table, engine, takeParameter);
  const conditions = (filter.all ?? filter.any)!.map((part) => filterSql(part, table, engine, takeParameter));
  return filter.any ? anyOf(conditions) : allOf(conditions);
}

/** Text is searched and sorted by its folded column, everything else by its own column. */
export function sortColumn(name: string, table: ResourceTable): string {
  const { folded } = attributeOf(table.resource, name).kind;
  return table.column(folded === undefined ? name : foldedColumn(name));
}

/**
 * The condition that one of the attributes contains the text.
 * @param text folded
 */
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

/** EXISTS, not a join: one record may be linked with several of the others and must not appear twice. */
function linkedSql(
  linked: Linked,
  table: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): Condition {
  const { link } = linked;
  const id = sql.ref(`${link.table}.${link.id}`);
  return sql<boolean>`exists (select ${id} from ${sql.table(link.table)}
    where ${id} = ${sql.ref(table.id)} and ${isLinked(linked, engine, takeParameter)})`;
}

/** The condition for rows of the link table. */
export function isLinked(
  { link, others, after }: Linked,
  engine: Engine,
  takeParameter: () => Parameter,
): Condition {
  const column = (name: string) => sql.ref(`${link.table}.${name}`);
  const other = column(link.other);
  const withOther =
    others.length > maxParameters
      ? engine.inList(other, takeParameter())
      : isOneOf(other, others.map(takeParameter));
  if (after === undefined) return withOther;
  const end = column(after.column);
  return sql<boolean>`${withOther} and (${end} is null or ${end} > ${takeParameter()})`;
}

function isOneOf(column: RawBuilder<unknown>, values: readonly Parameter[]): Condition {
  if (values.length === 0) return never;
  return values.length === 1
    ? sql<boolean>`${column} = ${values[0]}`
    : sql<boolean>`${column} in (${sql.join(values)})`;
}

export function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? always : joined(conditions, ' and ');
}

export function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? never : joined(conditions, ' or ');
}

const comparators = { gt: '>', gt_eq: '>=', lt: '<', lt_eq: '<=' } as const;

function comparisonSql(
  comparison: Comparison,
  table: ResourceTable,
  engine: Engine,
  takeParameter: () => Parameter,
): Condition {
  const { attribute, operator, values } = comparison;
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
  else if (isLongList(comparison)) alternatives.push(engine.inList(column, takeParameter()));
  else if (present.length > 0)
    alternatives.push(equalSql(attribute, kind, table, present.map(takeParameter)));
  const wantsNull = present.length < values.length;
  if (wantsNull) alternatives.push(sql<boolean>`${column} is null`);
  const any = anyOf(alternatives);
  if (operator === 'eq' || operator === 'contains') return any;
  // Null equals nothing and contains nothing, so it passes the negated filter. In SQL `not (null = x)` would be null.
  return nullable && !wantsNull ? sql<boolean>`(${column} is null or not ${any})` : sql<boolean>`not ${any}`;
}

/**
 * Text that is only searched without regard to case is compared exactly; its folded column is added so that its index
 * finds the rows. Other folded text is compared by the folded column.
 */
function equalSql(
  attribute: string,
  { folded }: Kind,
  table: ResourceTable,
  parameters: readonly Parameter[],
): Condition {
  const oneOf = (column: string, list: readonly Parameter[]) => isOneOf(sql.ref(table.column(column)), list);
  if (folded === undefined) return oneOf(attribute, parameters);
  const byKey = oneOf(
    foldedColumn(attribute),
    parameters.map((parameter) => parameter.map(fold)),
  );
  return folded === 'search' ? sql<boolean>`(${byKey} and ${oneOf(attribute, parameters)})` : byKey;
}
