// A model of the store: the records of a resource in plain arrays, filtered and sorted here, give the expected result
// of any query. Also generates queries from the definition.

import fc from 'fast-check';
import type { FilterOperator, Stored } from '../../src/model/kind.ts';
import { type Comparison, type Filter, hasId, type Link, type SortTerm } from '../../src/model/query.ts';
import { attributeOf, type Resource, type Row } from '../../src/model/resource.ts';
import { fold } from '../../src/model/text.ts';
import type { RecordReader, Store, Visible } from '../../src/store/store.ts';

export interface World {
  readonly store: Store;
  readonly resource: Resource;
  readonly records: RecordReader;
  readonly rows: readonly Row[];
  readonly link: Link;
  /** The other records that each record is linked with. */
  readonly linked: ReadonlyMap<number, readonly LinkWithEnd[]>;
}

export interface LinkWithEnd {
  readonly other: number;
  readonly end: number | null;
}

function compares({ attribute, operator, values }: Comparison, row: Row, resource: Resource): boolean {
  const stored = row[attribute]!;
  const { folded } = attributeOf(resource, attribute).kind;
  const equal = (value: Stored) =>
    (folded === 'identity' || folded === 'comparison') && value !== null && stored !== null
      ? fold(stored as string) === fold(value as string)
      : stored === value;
  const holds = (value: Stored) =>
    value === null || stored === null
      ? value === stored
      : fold(stored as string).includes(fold(value as string));
  const [value] = values as readonly [number];
  const compared = (holds: (one: number, other: number) => boolean) =>
    stored !== null && holds(stored as number, value);
  switch (operator) {
    case 'eq':
      return values.some(equal);
    case 'not_eq':
      return !values.some(equal);
    case 'contains':
      return values.some(holds);
    case 'not_contain':
      return !values.some(holds);
    case 'gt':
      return compared((one, other) => one > other);
    case 'gt_eq':
      return compared((one, other) => one >= other);
    case 'lt':
      return compared((one, other) => one < other);
    case 'lt_eq':
      return compared((one, other) => one <= other);
  }
}

function passes(filter: Filter, row: Row, world: World): boolean {
  const { resource, linked } = world;
  if ('words' in filter)
    return filter.words.every((word) =>
      resource.search.some((name) => fold((row[name] as string | null) ?? '').includes(word)),
    );
  if ('attribute' in filter) return compares(filter, row, resource);
  if ('link' in filter) {
    const { others, after } = filter;
    const hasEnded = (end: number | null) => after !== undefined && end !== null && end <= after.time;
    return (linked.get(row.id as number) ?? []).some(
      ({ other, end }) => others.includes(other) && !hasEnded(end),
    );
  }
  if (filter.any) return filter.any.some((part) => passes(part, row, world));
  return (filter.all ?? []).every((part) => passes(part, row, world));
}

/** Sorts text by the bytes of its folded form, if it has one; null comes first. */
function compareBy({ attribute, descending }: SortTerm, a: Row, b: Row, resource: Resource): number {
  const { folded } = attributeOf(resource, attribute).kind;
  const key = (row: Row) => {
    const stored = row[attribute]!;
    if (stored === null) return Buffer.from([0]);
    if (typeof stored === 'string') return Buffer.from(`\u0001${folded ? fold(stored) : stored}`);
    const number = Buffer.alloc(9, 1);
    number.writeBigUInt64BE(BigInt(Number(stored)) + 2n ** 63n, 1);
    return number;
  };
  return Buffer.compare(key(a), key(b)) * (descending ? -1 : 1);
}

/** @returns the ids of matching records, in order */
export function expected(
  filter: Filter | null,
  sort: readonly SortTerm[],
  visible: Visible,
  world: World,
): number[] {
  const { rows, resource } = world;
  return rows
    .filter((row) => [visible, filter].every((wanted) => wanted === null || passes(wanted, row, world)))
    .sort((a, b) => sort.map((term) => compareBy(term, a, b, resource)).find((order) => order !== 0) ?? 0)
    .map((row) => row.id as number);
}

/** Values for filters. */
export interface Pools {
  /** By attribute, for all operators except `contains`. Includes null if the attribute is nullable. */
  readonly values: Readonly<Record<string, readonly Stored[]>>;
  readonly texts: readonly string[];
  /** Ids of other records for links. */
  readonly others: readonly number[];
  /** The column of the links' ends, and times to compare with. */
  readonly ends: { readonly column: string; readonly times: readonly number[] };
}

export interface AnyQuery {
  readonly filter: fc.Arbitrary<Filter>;
  readonly visible: fc.Arbitrary<Visible>;
  /** Sorts by at most two attributes, then by the id. */
  readonly sort: fc.Arbitrary<readonly SortTerm[]>;
}

export function anyQuery({ resource, link }: World, { values, texts, others, ends }: Pools): AnyQuery {
  const comparison = (
    attribute: string,
    operators: readonly FilterOperator[],
    value: fc.Arbitrary<Stored>,
    maxLength: number,
  ): fc.Arbitrary<Comparison> =>
    fc.record({
      attribute: fc.constant(attribute),
      operator: fc.constantFrom(...operators),
      values: fc.array(value, { minLength: 1, maxLength }),
    });
  const anyComparison = [...resource.filters].flatMap(([name, { kind, nullable }]) => {
    const pool = values[name];
    if (pool === undefined) throw new Error(`There are no values to filter ${name} by`);
    const present = pool.filter((value) => value !== null);
    const has = (operator: FilterOperator) => kind.operators.includes(operator);
    const part = fc.constantFrom<Stored[]>(...texts, ...(nullable ? [null] : []));
    return [
      comparison(name, ['eq', 'not_eq'], fc.constantFrom(...pool), 3),
      ...(has('contains') ? [comparison(name, ['contains', 'not_contain'], part, 3)] : []),
      ...(has('gt')
        ? [comparison(name, ['gt', 'gt_eq', 'lt', 'lt_eq'], fc.constantFrom(...present), 1)]
        : []),
    ];
  });
  const folded = texts.map(fold).filter((word) => word !== '');
  const words = fc.record({ words: fc.array(fc.constantFrom(...folded), { maxLength: 2 }) });
  const after = fc.constantFrom(undefined, ...ends.times.map((time) => ({ column: ends.column, time })));
  const linked = fc
    .tuple(fc.subarray([...others]), after)
    .map(([chosen, end]): Filter => ({ link, others: chosen, ...(end && { after: end }) }));
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'filter' },
      { arbitrary: fc.oneof(...anyComparison), weight: 4 },
      words,
      linked,
      fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }),
    ),
  }));
  const sortable = [...resource.sorts.keys()].filter((name) => name !== 'id');
  return {
    filter,
    visible: fc.oneof(fc.constant(null), fc.nat(45).map(hasId), linked, filter),
    sort: fc
      .tuple(fc.subarray(sortable, { maxLength: 2 }), fc.infiniteStream(fc.boolean()))
      .map(([chosen, directions]) =>
        [...chosen, 'id'].map((attribute) => ({ attribute, descending: directions.next().value as boolean })),
      ),
  };
}
