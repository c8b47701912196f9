// Checks relationships when a record is written: the other record must exist, and the writer must see it.

import { ApiError, type ErrorObject, relationshipViolation, violation } from '../../errors.ts';
import type { GivenRecord } from '../../jsonapi/read-document.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import { idAttributeOf } from '../../model/relationship.ts';
import { hasRelationships, type Resource, type Row } from '../../model/resource.ts';
import type { Reads } from '../../store/store.ts';
import { type Access, callerFactsOf } from '../access.ts';
import type { AccessesByType, Call, Services } from '../operation.ts';

/** @param anywhere whether X-Organization-Id does not restrict it */
export type FindsRecord = (access: Access, reads: Reads, id: number, anywhere: boolean) => Awaitable<boolean>;

/** For commands, which see every record. */
export const findsAll: FindsRecord = ({ resource }, reads, id) =>
  chain(reads.records(resource).versions([id], null), (found) => found.length > 0);

/** For requests: only records that the caller sees. */
export function findsVisible(services: Services, call: Call): FindsRecord {
  return (access, reads, id, anywhere) =>
    chain(callerFactsOf(access, call.actor, reads, services.clock()), (callerFacts) =>
      chain(
        access.visible(services, anywhere ? { ...call, organizationId: null } : call, reads, callerFacts),
        (visible) =>
          chain(reads.records(access.resource).versions([id], visible), (found) => found.length > 0),
      ),
    );
}

/** The attributes that hold ids of other records. */
export function referencesOf({ relationships }: Resource): readonly string[] {
  return Object.keys(relationships).map(idAttributeOf);
}

/**
 * A violation for each relationship to a record that is not found.
 * @param current null for a new record; unchanged values are not checked
 */
export async function brokenReferences(
  { resource, accesses, finds }: { resource: Resource; accesses: AccessesByType; finds: FindsRecord },
  reads: Reads,
  current: Row | null,
  wanted: Row,
): Promise<readonly ErrorObject[]> {
  if (!hasRelationships(resource)) return [];
  const violations: ErrorObject[] = [];
  for (const [relationship, { to, givenAnywhere = false }] of Object.entries(resource.relationships)) {
    const name = idAttributeOf(relationship);
    const id = wanted[name];
    if (typeof id !== 'number' || id === current?.[name]) continue;
    const access = accesses.get(to)!;
    if (!(await finds(access, reads, id, givenAnywhere)))
      violations.push(violation(name, `is not a known ${access.resource.singular.replaceAll('_', ' ')}`));
  }
  return violations;
}

/** Corrects the pointers of errors: if a relationship set the id, the error points to the relationship. */
export function locateErrors({ relationships }: GivenRecord, error: unknown): unknown {
  if (!(error instanceof ApiError) || relationships.size === 0) return error;
  const located = error.errors.map((one) => {
    const name = one.source.pointer?.replace(/^data\/attributes\//, '') ?? '';
    const relationship = relationships.get(name);
    return relationship === undefined
      ? one
      : { ...one, source: relationshipViolation(relationship, '').source };
  });
  return Object.assign(error, { errors: located });
}
