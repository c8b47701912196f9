// filter[...] parameters as a Filter: comparisons, numbered groups of them, and the search.
//
//   filter[email]=a@b.c        filter[id]=1,2,3        filter[updated_at][gt_eq]=2026-01-01
//   filter[$op]=or & filter[0][first_name][eq]=Ann & filter[1][$op]=and & filter[1][0][...]...

import { ApiError } from '../errors.ts';
import { fold, isStorableText, type Operation, type Stored } from '../model/kind.ts';
import type { Comparison, Filter } from '../model/query.ts';
import type { Attribute, Resource } from '../model/resource.ts';
import type { Zone } from '../model/zone.ts';
import { type Parameter, shorten } from './parameters.ts';

export interface FilterLimits {
  readonly maxFilters: number;
  readonly maxFilterDepth: number;
  readonly maxFilterValues: number;
}

interface Node {
  operator: 'and' | 'or';
  conditions: Filter[];
  groups: Map<string, Node>;
}

interface Reading {
  readonly resource: Resource;
  readonly zone: Zone;
  readonly limits: FilterLimits;
}

/** @throws ApiError unsupported_filter, unsupported_filter_value */
export function readFilter(parameters: readonly Parameter[], reading: Reading): Filter | null {
  if (parameters.length > reading.limits.maxFilters)
    throw new ApiError('unsupported_filter', {
      detail: `More than ${reading.limits.maxFilters} filters are not supported on this endpoint`,
      parameter: 'filter',
    });
  const root = newNode();
  for (const parameter of parameters) place(parameter, root, reading);
  return combine(root);
}

function newNode(): Node {
  return { operator: 'and', conditions: [], groups: new Map() };
}

function place(parameter: Parameter, root: Node, reading: Reading): void {
  let node = root;
  let depth = 0;
  while (/^\d{1,4}$/.test(parameter.path[depth] ?? '')) {
    if (depth + 1 > reading.limits.maxFilterDepth)
      throw new ApiError('unsupported_filter', {
        detail: `Filters nested deeper than ${reading.limits.maxFilterDepth} are not supported on this endpoint`,
        parameter: shorten(parameter.name),
      });
    const key = parameter.path[depth]!;
    let child = node.groups.get(key);
    if (child === undefined) {
      child = newNode();
      node.groups.set(key, child);
    }
    node = child;
    depth++;
  }
  const [name, operation, ...rest] = parameter.path.slice(depth);
  if (name === undefined || rest.length > 0) throw unsupportedFilter(parameter);
  if (name === '$op') {
    if (operation !== undefined) throw unsupportedFilter(parameter);
    if (parameter.value !== 'and' && parameter.value !== 'or')
      throw unsupportedValue(parameter, parameter.value);
    node.operator = parameter.value;
  } else if (name === 'query') {
    node.conditions.push(readSearch(parameter, operation, reading.resource));
  } else {
    const attribute = reading.resource.filters.get(name);
    if (attribute === undefined) throw unsupportedFilter(parameter, name);
    node.conditions.push(readComparison(parameter, name, attribute, operation ?? 'eq', reading));
  }
}

function readSearch(parameter: Parameter, operation: string | undefined, resource: Resource): Filter {
  if (resource.search.length === 0) throw unsupportedFilter(parameter, 'query');
  if (operation !== undefined && operation !== 'eq' && operation !== 'contains')
    throw unsupportedFilter(parameter);
  if (!isStorableText(parameter.value)) throw unsupportedValue(parameter, parameter.value);
  const words = fold(parameter.value)
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length > 10) throw unsupportedValue(parameter, parameter.value);
  return { words };
}

function readComparison(
  parameter: Parameter,
  name: string,
  attribute: Attribute,
  operation: string,
  { zone, limits }: Reading,
): Filter {
  if (!attribute.kind.operations.includes(operation as Operation)) throw unsupportedFilter(parameter);
  const texts = splitValues(parameter.value);
  if (texts.length > limits.maxFilterValues)
    throw new ApiError('unsupported_filter_value', {
      detail: `More than ${limits.maxFilterValues} filter values are not supported on this endpoint`,
      parameter: shorten(parameter.name),
    });
  const ranged = operation.startsWith('gt') || operation.startsWith('lt');
  if (ranged && texts.length > 1) throw unsupportedValue(parameter, parameter.value);

  const exact: Stored[] = [];
  const intervals: { from: number; until: number }[] = [];
  for (const text of texts) {
    // Nothing stands for null: `filter[time_zone]=` finds those that have none.
    if (text === '' && attribute.nullable && !ranged) {
      exact.push(null);
      continue;
    }
    const value = attribute.kind.readFilter(text, zone);
    if (value === undefined) throw unsupportedValue(parameter, text);
    if ('exact' in value) exact.push(value.exact);
    else intervals.push(value.interval);
  }
  const compare = (op: Operation, value: Stored): Comparison => ({
    attribute: name,
    operation: op,
    values: [value],
  });
  const [interval] = intervals;
  switch (operation as Operation) {
    case 'eq': {
      const days = intervals.map(
        (i): Filter => ({ all: [compare('gt_eq', i.from), compare('lt', i.until)] }),
      );
      if (exact.length > 0) days.push({ attribute: name, operation: 'eq', values: exact });
      return days.length === 1 ? days[0]! : { any: days };
    }
    case 'not_eq': {
      const orNull: Filter[] = attribute.nullable && !exact.includes(null) ? [compare('eq', null)] : [];
      const days = intervals.map(
        (i): Filter => ({ any: [compare('lt', i.from), compare('gt_eq', i.until), ...orNull] }),
      );
      if (exact.length > 0) days.push({ attribute: name, operation: 'not_eq', values: exact });
      return days.length === 1 ? days[0]! : { all: days };
    }
    // A day has a first and a last moment: after it is from its end on, up to it is before its end.
    case 'gt':
      return interval ? compare('gt_eq', interval.until) : compare('gt', exact[0]!);
    case 'gt_eq':
      return interval ? compare('gt_eq', interval.from) : compare('gt_eq', exact[0]!);
    case 'lt':
      return interval ? compare('lt', interval.from) : compare('lt', exact[0]!);
    case 'lt_eq':
      return interval ? compare('lt', interval.until) : compare('lt_eq', exact[0]!);
    default:
      return { attribute: name, operation: operation as Operation, values: exact };
  }
}

/** Values are separated by commas; `\,` is a comma within one. */
function splitValues(text: string): string[] {
  const values: string[] = [];
  let value = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && (text[i + 1] === ',' || text[i + 1] === '\\')) value += text[++i];
    else if (text[i] === ',') {
      values.push(value);
      value = '';
    } else value += text[i];
  }
  values.push(value);
  return values;
}

function combine(node: Node): Filter | null {
  const parts = [...node.conditions];
  for (const group of node.groups.values()) {
    const part = combine(group);
    if (part !== null) parts.push(part);
  }
  if (parts.length === 0) return null;
  if (parts.length === 1) return parts[0]!;
  return node.operator === 'and' ? { all: parts } : { any: parts };
}

function unsupportedFilter(parameter: Parameter, name = parameter.path.join('.')): ApiError {
  return new ApiError('unsupported_filter', {
    detail: `Filter '${shorten(name)}' is not supported on this endpoint`,
    parameter: shorten(parameter.name),
  });
}

function unsupportedValue(parameter: Parameter, value: string): ApiError {
  return new ApiError('unsupported_filter_value', {
    detail: `Filter value '${shorten(value)}' is not supported on this endpoint`,
    parameter: shorten(parameter.name),
  });
}
