// Unique attributes, for example an email.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import type { RecordOf, Resource, Row, ValuesOf } from '../../model/resource.ts';
import { UniqueViolation } from '../../store/errors.ts';
import type { Reads } from '../../store/store.ts';

const known = new WeakMap<Resource, readonly string[]>();

export function identitiesOf(resource: Resource): readonly string[] {
  let names = known.get(resource);
  if (names === undefined) {
    names = resource.columns.filter((name) => resource.attributes[name]!.kind.folded === 'identity');
    known.set(resource, names);
  }
  return names;
}

export function identityTaken(name: string): ErrorObject {
  return violation(name, 'has already been taken');
}

/**
 * A violation for each unique value that another record already has.
 * @param current null for a new record
 */
export async function takenIdentities<R extends Resource>(
  reads: Reads,
  resource: R,
  current: RecordOf<R> | null,
  wanted: ValuesOf<R>,
): Promise<readonly ErrorObject[]> {
  const violations: ErrorObject[] = [];
  for (const name of identitiesOf(resource)) {
    const value = (wanted as Row)[name];
    if (typeof value !== 'string') continue;
    const own = (current as Row | null)?.[name];
    const key = resource.attributes[name]!.kind.key!;
    // The record's own value, only written differently.
    if (typeof own === 'string' && key(own) === key(value)) continue;
    if ((await reads.records(resource).findByIdentity(name, value)) !== null)
      violations.push(identityTaken(name));
  }
  return violations;
}

/**
 * If two writes set the same value at once, the later one gets a UniqueViolation. This converts it to the same error
 * as for any taken value.
 */
export function asTakenIdentity(resource: Resource, error: unknown): unknown {
  if (!(error instanceof UniqueViolation)) return error;
  const name = identitiesOf(resource).find((identity) => error.column === `${identity}_key`);
  return name === undefined ? error : ApiError.of([identityTaken(name)]);
}
