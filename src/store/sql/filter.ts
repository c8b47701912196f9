// A Filter as SQL.

import { type RawBuilder, sql } from 'kysely';
import { fold, type Stored } from '../../model/kind.ts';
import type { Comparison, Filter } from '../../model/query.ts';
import { attributeOf, type Resource } from '../../model/resource.ts';
import type { Engine } from './engine.ts';

type Condition = RawBuilder<boolean>;

const never: Condition = sql<boolean>`1 = 0`;
const always: Condition = sql<boolean>`1 = 1`;

export function filterSql(filter: Filter, resource: Resource, engine: Engine): Condition {
  if ('words' in filter) {
    const columns = resource.search.map(foldedColumn);
    return joined(
      filter.words.map((word) => engine.contains(columns, word)),
      ' and ',
      always,
    );
  }
  if ('attribute' in filter) return comparisonSql(filter, resource, engine);
  const conditions = (filter.all ?? filter.any ?? []).map((part) => filterSql(part, resource, engine));
  return joined(conditions, filter.any ? ' or ' : ' and ', filter.any ? never : always);
}

/** Text is searched and sorted by its folded companion, everything else by its own column. */
export function sortColumn(name: string, resource: Resource): string {
  return attributeOf(resource, name).kind.folded ? foldedColumn(name) : name;
}

export function foldedColumn(name: string): string {
  return `${name}_key`;
}

function joined(conditions: readonly Condition[], operator: ' and ' | ' or ', empty: Condition): Condition {
  if (conditions.length === 0) return empty;
  return sql<boolean>`(${sql.join(conditions, sql.raw(operator))})`;
}

const comparators = { gt: '>', gt_eq: '>=', lt: '<', lt_eq: '<=' } as const;

function comparisonSql(
  { attribute, operation, values }: Comparison,
  resource: Resource,
  engine: Engine,
): Condition {
  const { kind, nullable } = attributeOf(resource, attribute);
  const column = sql.ref(`users.${attribute}`);
  switch (operation) {
    case 'eq':
    case 'not_eq': {
      const present = values.filter((value) => value !== null);
      const equal: Condition[] = [];
      if (present.length > 0) equal.push(equalSql(attribute, kind.folded, present));
      if (values.includes(null)) equal.push(sql<boolean>`${column} is null`);
      const any = joined(equal, ' or ', never);
      if (operation === 'eq') return any;
      // What has no value is not equal to one; SQL alone would answer neither yes nor no.
      return nullable && !values.includes(null)
        ? sql<boolean>`(${column} is null or not ${any})`
        : sql<boolean>`not ${any}`;
    }
    case 'contains':
    case 'not_contain': {
      const folded = foldedColumn(attribute);
      const any = joined(
        values.map((value) => engine.contains([folded], fold(value as string))),
        ' or ',
        never,
      );
      return operation === 'contains' ? any : sql<boolean>`not ${any}`;
    }
    default:
      return sql<boolean>`${column} ${sql.raw(comparators[operation])} ${values[0]}`;
  }
}

/** A name is compared exactly, found by its folded companion's index; an identity without regard to case. */
function equalSql(
  attribute: string,
  folded: 'search' | 'identity' | undefined,
  values: readonly Stored[],
): Condition {
  const oneOf = (column: string, list: readonly Stored[]) =>
    list.length === 1
      ? sql<boolean>`${sql.ref(`users.${column}`)} = ${list[0]}`
      : sql<boolean>`${sql.ref(`users.${column}`)} in (${sql.join(list)})`;
  if (folded === undefined) return oneOf(attribute, values);
  const byKey = oneOf(
    foldedColumn(attribute),
    values.map((value) => fold(value as string)),
  );
  return folded === 'identity' ? byKey : sql<boolean>`(${byKey} and ${oneOf(attribute, values)})`;
}
