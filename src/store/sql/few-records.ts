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
  if (!('attribute' in condition) || condition.operator !== 'eq' || condition.values.includes(null))
    return false;
  return isIdentity(resource, condition) || hasFew(resource, condition);
}

/** People of several organizations may have the same address. */
function isIdentity({ attributes }: Resource, { attribute }: Comparison): boolean {
  const folded = attributes[attribute]?.kind.folded;
  return attribute === 'id' || folded === 'identity' || folded === 'comparison';
}

function hasFew({ relationships }: Resource, { attribute }: Comparison): boolean {
  return Object.entries(relationships).some(([name, { few }]) => few && idAttributeOf(name) === attribute);
}
