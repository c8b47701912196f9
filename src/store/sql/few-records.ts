// Conditions that few records match, for example those with some ids. SQLite has no statistics: among several conditions it
// may take the index of another one, or that of the sort, and read a million records to find three.

import type { Comparison } from '../../model/query.ts';
import { idAttributeOf } from '../../model/relationship.ts';
import type { Resource } from '../../model/resource.ts';
import type { Planned } from './plan-short-texts.ts';

/** The conditions that must all match, also those within groups. */
export function flattened<F extends Planned>(conditions: readonly (F | null)[]): readonly F[] {
  return conditions.flatMap((one) => {
    if (one === null) return [];
    return 'all' in one && one.all ? flattened(one.all as readonly F[]) : [one];
  });
}

/** Whether few records match: those with some ids or addresses, or of which few have the same value. */
export function isNarrow(resource: Resource, condition: Planned): boolean {
  return isEquality(condition) && (isAddress(resource, condition) || isFew(resource, condition));
}

/**
 * The condition by whose index the records are to be read, before all other conditions; -1 for none. None is
 * needed where few records are visible.
 * @returns its place in `conditions`
 */
export function readFirst(
  resource: Resource,
  conditions: readonly Planned[],
  visible: readonly Planned[],
): number {
  if (conditions.length < 2 || visible.some((one) => isNarrow(resource, one))) return -1;
  const few = conditions.findIndex((one) => isEquality(one) && isFew(resource, one));
  return few === -1 ? conditions.findIndex(isLookup) : few;
}

/** Whether the index of short texts has found few records. */
function isLookup(condition: Planned): boolean {
  return 'terms' in condition && condition.by === 'lookup';
}

function isEquality(condition: Planned): condition is Comparison {
  return 'attribute' in condition && condition.operator === 'eq' && !condition.values.includes(null);
}

/** Several organizations may have the same address, perhaps in an index of their own: that of the organization comes first. */
function isAddress({ attributes }: Resource, { attribute }: Comparison): boolean {
  return attributes[attribute]?.kind.folded === 'comparison';
}

/** Whether an index of the attribute alone finds few records. */
function isFew({ attributes, relationships }: Resource, { attribute }: Comparison): boolean {
  const known = attributes[attribute];
  return (
    attribute === 'id' ||
    known?.kind.folded === 'identity' ||
    known?.few === true ||
    Object.entries(relationships).some(([name, { few }]) => few && idAttributeOf(name) === attribute)
  );
}
