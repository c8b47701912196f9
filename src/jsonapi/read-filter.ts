// Reads filter[...] parameters as a Filter: comparisons, numbered groups of them, and the text search.
//
//   filter[email]=a@b.c        filter[id]=1,2,3        filter[updated_at][gt_eq]=2026-01-01
//   filter[id][]=1 & filter[id][]=2        filter[id][eq][0]=1 & filter[id][eq][1]=2
//   filter[$op]=or & filter[0][first_name][eq]=Ann & filter[1][$op]=and & filter[1][0][...]...

import { ApiError } from '../errors.ts';
import type { Attribute } from '../model/attribute.ts';
import type { AudienceSet } from '../model/audience.ts';
import type { FilterOperator, FilterValue, Kind, Stored } from '../model/kind.ts';
import type { Comparison, Filter } from '../model/query.ts';
import { attributeOf, isReadableBy, type Resource } from '../model/resource.ts';
import { fold, isStorableText } from '../model/text.ts';
import type { Zone } from '../model/zone.ts';
import { checkFilterCost, type FilterCostLimits } from './filter-limits.ts';
import { type Parameter, shorten, valueWithPlus } from './parameters.ts';

export interface FilterLimits extends FilterCostLimits {
  readonly maxFilters: number;
  readonly maxFilterDepth: number;
  readonly maxFilterValues: number;
}

/**
 * Maximum length of a text in a filter. No filterable attribute is longer, and normalizing combining marks takes
 * quadratic time.
 */
const maxFilterText = 2048;

interface Node {
  operator: 'and' | 'or';
  conditions: Filter[];
  /** Comparisons by the text in the brackets, to collect the items of a list. */
  comparisons: Map<string, ComparisonParameters>;
  groups: Map<string, Node>;
}

interface ComparisonParameters {
  readonly name: string;
  readonly attribute: Attribute;
  readonly operation: FilterOperator;
  /** One for each part between commas, and for each item of a list. */
  readonly values: { readonly text: string; readonly parameter: Parameter }[];
}

interface Reading {
  readonly resource: Resource;
  /** The audiences to which the caller belongs in every record of the list. */
  readonly audience: AudienceSet;
  readonly zone: Zone;
  readonly limits: FilterLimits;
}

function isGroup(step: string): boolean {
  return /^\d{1,4}$/.test(step);
}

/** The last bracket of a list item: empty, or a number. Numbers may be in any order and have gaps. */
export function isListEnd(step: string): boolean {
  return /^\d{0,9}$/.test(step);
}

/**
 * For attributes without spaces, reads a `+` that was not percent-encoded as a plus sign. Used in filters and in the
 * links that repeat them.
 */
export function withPlus(parameter: Parameter, resource: Resource): Parameter {
  const name = parameter.path.find((step) => !isGroup(step)) ?? '';
  return resource.filters.get(name)?.kind.hasNoSpaces === true
    ? { ...parameter, value: valueWithPlus(parameter) }
    : parameter;
}

/** @throws ApiError unsupported_filter, unsupported_filter_value */
export function readFilter(parameters: readonly Parameter[], reading: Reading): Filter | null {
  const { maxFilters } = reading.limits;
  const root = newNode();
  let count = 0;
  for (const parameter of parameters) {
    if (place(parameter, root, reading) && ++count > maxFilters)
      throw new ApiError('unsupported_filter', {
        detail: `More than ${maxFilters} filters are not supported on this endpoint`,
        parameter: 'filter',
      });
  }
  const filter = combine(root, reading);
  checkFilterCost(filter, reading.limits);
  return filter;
}

function newNode(): Node {
  return { operator: 'and', conditions: [], comparisons: new Map(), groups: new Map() };
}

/** @returns whether this is a new filter; a further item of a list counts only as a value */
function place(parameter: Parameter, root: Node, reading: Reading): boolean {
  let node = root;
  let depth = 0;
  while (isGroup(parameter.path[depth] ?? '')) {
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
  const path = parameter.path.slice(depth);
  const isItem = path.length > 1 && isListEnd(path.at(-1)!);
  const [name, operation, ...rest] = isItem ? path.slice(0, -1) : path;
  if (name === undefined || rest.length > 0) throw unsupportedFilter(parameter);
  if (name === '$op') {
    if (operation !== undefined || isItem) throw unsupportedFilter(parameter);
    if (parameter.value !== 'and' && parameter.value !== 'or')
      throw unsupportedValue(parameter, parameter.value);
    node.operator = parameter.value;
    return true;
  }
  if (name === 'query') {
    if (isItem) throw unsupportedFilter(parameter);
    node.conditions.push(readSearch(parameter, operation, reading.resource));
    return true;
  }
  const attribute = reading.resource.filters.get(name);
  if (attribute === undefined || !isReadableBy(reading.resource, name, reading.audience))
    throw unsupportedFilter(parameter, name);
  return addValues(parameter, node, { name, attribute, operation, isItem, reading });
}

function addValues(
  parameter: Parameter,
  node: Node,
  target: {
    name: string;
    attribute: Attribute;
    operation: string | undefined;
    isItem: boolean;
    reading: Reading;
  },
): boolean {
  const { name, attribute, operation = 'eq', isItem, reading } = target;
  const { kind } = attribute;
  if (!kind.operators.includes(operation as FilterOperator)) throw unsupportedFilter(parameter);
  const key = `${name} ${target.operation ?? ''}`;
  let comparison = node.comparisons.get(key);
  const isNew = comparison === undefined;
  if (comparison === undefined) {
    comparison = { name, attribute, operation: operation as FilterOperator, values: [] };
    node.comparisons.set(key, comparison);
  }
  const { value } = parameter;
  // An item of a list of names is one value, because a name may contain commas. No value of another attribute does.
  const texts = isItem && kind.folded === 'search' ? [value.replace(/\\([\\,])/g, '$1')] : splitValues(value);
  for (const text of texts) comparison.values.push({ text, parameter });
  if (comparison.values.length > reading.limits.maxFilterValues)
    throw new ApiError('unsupported_filter_value', {
      detail: `More than ${reading.limits.maxFilterValues} filter values are not supported on this endpoint`,
      parameter: shorten(parameter.name),
    });
  return isNew;
}

function readSearch(parameter: Parameter, operation: string | undefined, resource: Resource): Filter {
  if (resource.search.length === 0) throw unsupportedFilter(parameter, 'query');
  if (operation !== undefined && operation !== 'eq' && operation !== 'contains')
    throw unsupportedFilter(parameter);
  if (parameter.value.length > maxFilterText || !isStorableText(parameter.value))
    throw unsupportedValue(parameter, parameter.value);
  const readPart = partsOfTexts(resource);
  const words = parameter.value
    .split(/\s+/u)
    .filter((word) => word !== '')
    .map((word) => fold(readPart(word)!));
  if (words.length > 10) throw unsupportedValue(parameter, parameter.value);
  return { words };
}

/** A word has one form for all searched attributes: that of an address, if one of them is an address. */
function partsOfTexts(resource: Resource): NonNullable<Kind['readPart']> {
  const kinds = resource.search.map((name) => attributeOf(resource, name).kind);
  return (kinds.find(({ folded }) => folded !== 'search') ?? kinds[0]!).readPart!;
}

function readComparison(
  { name, attribute, operation: operator, values }: ComparisonParameters,
  { zone }: Reading,
): Filter {
  const ranged = operator.startsWith('gt') || operator.startsWith('lt');
  if (ranged && values.length > 1)
    throw unsupportedValue(values[1]!.parameter, values.map(({ text }) => text).join());

  const searched = operator === 'contains' || operator === 'not_contain';
  const read = values.map(({ text, parameter }) => {
    // Empty text means null: `filter[time_zone]=` finds records without a time zone.
    if (text === '' && attribute.nullable && !ranged) return { exact: null };
    if (text.length > maxFilterText) throw unsupportedValue(parameter, text);
    const { kind } = attribute;
    const value = searched ? readPart(kind, text) : kind.readFilter(text, zone);
    if (value === undefined) throw unsupportedValue(parameter, text);
    return value;
  });
  // Sorted and without duplicates, so that equal filters have equal keys for cursors and totals.
  const exact = [...new Set(read.flatMap(exactValues))].sort();
  const intervals = read
    .flatMap((value) => ('interval' in value ? [value.interval] : []))
    .sort((a, b) => a.from - b.from);
  const compare = (op: FilterOperator, value: Stored): Comparison => ({
    attribute: name,
    operator: op,
    values: [value],
  });
  const [interval] = intervals;
  switch (operator) {
    case 'eq': {
      const days = intervals.map(
        (i): Filter => ({ all: [compare('gt_eq', i.from), compare('lt', i.until)] }),
      );
      if (exact.length > 0) days.push({ attribute: name, operator: 'eq', values: exact });
      return days.length === 1 ? days[0]! : { any: days };
    }
    case 'not_eq': {
      const orNull: Filter[] = attribute.nullable && !exact.includes(null) ? [compare('eq', null)] : [];
      const days = intervals.map(
        (i): Filter => ({ any: [compare('lt', i.from), compare('gt_eq', i.until), ...orNull] }),
      );
      if (exact.length > 0) days.push({ attribute: name, operator: 'not_eq', values: exact });
      return days.length === 1 ? days[0]! : { all: days };
    }
    // A date means the whole day: "after" begins at the end of the day, and "up to" includes the day.
    case 'gt':
      return interval ? compare('gt_eq', interval.until) : compare('gt', exact[0]!);
    case 'gt_eq':
      return interval ? compare('gt_eq', interval.from) : compare('gt_eq', exact[0]!);
    case 'lt':
      return interval ? compare('lt', interval.from) : compare('lt', exact[0]!);
    case 'lt_eq':
      return interval ? compare('lt', interval.until) : compare('lt_eq', exact[0]!);
    default:
      return { attribute: name, operator, values: exact };
  }
}

function readPart(kind: Kind, text: string): FilterValue | undefined {
  const part = kind.readPart!(text);
  return part === undefined ? undefined : { exact: part };
}

function exactValues(value: FilterValue): readonly Stored[] {
  if ('interval' in value) return [];
  return 'exact' in value ? [value.exact] : value.anyOf;
}

/** Splits values at commas. `\,` is a comma within a value. */
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

function combine(node: Node, reading: Reading): Filter | null {
  const parts = [...node.conditions];
  for (const comparison of node.comparisons.values()) parts.push(readComparison(comparison, reading));
  for (const group of node.groups.values()) {
    const part = combine(group, reading);
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
