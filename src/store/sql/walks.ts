// Splits what a query selects into walks along indexes. What a reader sees, and what a filter asks for, are alternatives
// such as "the actor is 7, or the organization is 3". A condition with `or` makes the database read and sort all records
// that match. An index has the records of one alternative in the order of their ids, see walked-page.ts.

import type { Comparison, Filter } from '../../model/query.ts';
import { idAttributeOf } from '../../model/relationship.ts';
import type { Resource } from '../../model/resource.ts';
import type { Visible } from '../store.ts';

/** Records in the order of their ids. */
export interface Walk {
  /** One value of an indexed attribute, which all of them have; null for all records. */
  readonly along: Comparison | null;
  /** What the records must match in addition. */
  readonly others: readonly Filter[];
}

/**
 * @returns walks that together give all visible records that match the filter. A single walk along all records if there
 * is no index for one of the alternatives
 */
export function walksOf(resource: Resource, visible: Visible, filter: Filter | null): readonly Walk[] {
  const walk = walkOfAll(visible, filter);
  return alternatives(resource, { all: walk.others }) ?? [walk];
}

/** One walk along all records, of which some match. */
export function walkOfAll(visible: Visible, filter: Filter | null): Walk {
  return { along: null, others: [visible, filter].filter((one) => one !== null) };
}

interface IndexWalk extends Walk {
  readonly along: Comparison;
}

function alternatives(resource: Resource, filter: Filter): readonly IndexWalk[] | null {
  if ('words' in filter || 'link' in filter) return null;
  if ('attribute' in filter) return isIndexedEquality(resource, filter) ? valuesOf(filter) : null;
  if (filter.any !== undefined) {
    const found = filter.any.map((part) => alternatives(resource, part));
    return found.every((walks) => walks !== null) ? found.flat() : null;
  }
  const parts = flattened(filter.all!);
  const found = parts.map((part) => alternatives(resource, part));
  const best = bestOf(resource, found);
  if (best === -1) return null;
  const others = parts.filter((_, i) => i !== best);
  return found[best]!.map((walk) => ({ ...walk, others: [...walk.others, ...others] })).filter(
    (walk) => !isContradicted(walk),
  );
}

function flattened(parts: readonly Filter[]): readonly Filter[] {
  return parts.flatMap((part) => ('all' in part && part.all ? flattened(part.all) : [part]));
}

/** Whether an index has the records with each of the values. */
export function isIndexedEquality(
  { filters }: Resource,
  { attribute, operator, values }: Comparison,
): boolean {
  const isIndexed = filters.get(attribute)?.kind.folded === undefined && filters.has(attribute);
  return isIndexed && operator === 'eq' && values.length > 0 && !values.includes(null);
}

function valuesOf({ attribute, values }: Comparison): readonly IndexWalk[] {
  return values.map((value) => ({ along: { attribute, operator: 'eq', values: [value] }, others: [] }));
}

/**
 * The condition whose walks have the fewest records, as far as the definition tells: few records have the same account,
 * many the same organization. @returns its index, or -1 if there are no walks
 */
function bestOf(resource: Resource, found: readonly (readonly IndexWalk[] | null)[]): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, walks] of found.entries()) {
    if (walks === null) continue;
    const rank = Math.max(...walks.map(({ along }) => rankOf(resource, along.attribute)));
    if (rank >= least) continue;
    best = i;
    least = rank;
  }
  return best;
}

/** An id, then relationships by their types, in the order of the definition, then attributes. */
function rankOf({ relationships }: Resource, attribute: string): number {
  if (attribute === 'id') return -1;
  const types = [...new Set(Object.values(relationships).map(({ to }) => to))];
  const relationship = Object.keys(relationships).find((name) => idAttributeOf(name) === attribute);
  return relationship === undefined ? types.length : types.indexOf(relationships[relationship]!.to);
}

/** Whether another condition asks for other values of the same attribute. */
function isContradicted({ along, others }: IndexWalk): boolean {
  return others.some(
    (other) =>
      'attribute' in other &&
      other.attribute === along.attribute &&
      other.operator === 'eq' &&
      !other.values.includes(along.values[0]!),
  );
}

/** Many records have the same organization, few the same account. */
export function largestFirst(resource: Resource, walks: readonly Walk[]): readonly Walk[] {
  const rank = ({ along }: Walk) => (along === null ? 0 : rankOf(resource, along.attribute));
  return walks.toSorted((a, b) => rank(b) - rank(a));
}

/** Whether a record may be in both walks: not if they are along different values of one attribute. */
export function mayOverlap({ along: one }: Walk, { along: other }: Walk): boolean {
  return one?.attribute !== other?.attribute || one?.values[0] === other?.values[0];
}
