// Who sees which records, and to which audiences of a record a caller belongs. Each resource has an access file that
// decides this. Everything that it does not grant is refused.

import { ApiError } from '../errors.ts';
import type { Actor } from '../model/actor.ts';
import type { AudienceSet } from '../model/audience.ts';
import { type Awaitable, chain } from '../model/awaitable.ts';
import { isReadByEveryone, type Resource } from '../model/resource.ts';
import { CallerChanged } from '../store/errors.ts';
import type { Facts, Reads, RecordVersion, Visible } from '../store/store.ts';
import type { Call, Services } from './operation.ts';

/** @template F what `callerFacts` reads */
export interface Access<F = unknown> {
  readonly resource: Resource;
  /**
   * Reads other facts that decide the actor's audiences, for example its roles by organization. Called once for each
   * request, and again in the transaction of a write. ETags of lists contain its JSON. Absent if the actor and the
   * record are enough.
   * @param now milliseconds since 1970
   */
  callerFacts?(actor: Actor, reads: Reads, now: number): Awaitable<F>;
  /**
   * The audiences of the record to which the actor belongs.
   * @param id null for a record that does not exist yet
   * @param facts the facts of its version, or the whole row; see ResourceDefinition.audiencesBy
   * @param callerFacts what `callerFacts` has read
   */
  audienceOf(actor: Actor, id: number | null, facts: Facts | undefined, callerFacts: F): AudienceSet;
  /**
   * The audiences to which the caller belongs in every record that a list of this call can contain. They decide
   * whether it may filter and sort by attributes that not everyone may read. Needed only for such attributes.
   */
  audienceOfAll?(call: Call, callerFacts: F): AudienceSet;
  /**
   * Whether the actor certainly sees the record, decided without the database. Used if there is no X-Organization-Id.
   * False means unknown: then `visible` decides.
   */
  seesAnyway(actor: Actor, id: number): boolean;
  /**
   * The filter that selects the records that the caller sees.
   * @param reads used to read memberships; a write calls this again with its transaction
   * @throws ApiError access_denied if the caller is not a member of the organization in X-Organization-Id
   */
  visible(services: Services, call: Call, reads: Reads, callerFacts: F): Awaitable<Visible>;
}

/**
 * @param served resources that routes serve
 * @throws Error if nobody could use a filter or sort because the access lacks `audienceOfAll`, if a resource with relationships has no access, or a relationship refers to a type without access
 */
export function accessesByType(
  accesses: readonly Access[],
  served: Iterable<Resource> = [],
): ReadonlyMap<string, Access> {
  for (const { resource, audienceOfAll } of accesses)
    for (const name of [...resource.filters.keys(), ...resource.sorts.keys()])
      if (audienceOfAll === undefined && !isReadByEveryone(resource, name))
        throw new Error(`${resource.type}.${name}: a filter or sort by it needs audienceOfAll of the access`);
  const byType = new Map(accesses.map((access) => [access.resource.type, access]));
  for (const resource of [...accesses.map(({ resource }) => resource), ...served])
    for (const [name, { to }] of Object.entries(resource.relationships))
      for (const type of [to, resource.type])
        if (!byType.has(type)) throw new Error(`${resource.type}.${name}: no access is declared for ${type}`);
  return byType;
}

/** Reads the facts of the caller. Synchronous and without a query for resources that need none. */
export function callerFactsOf(
  { callerFacts }: Access,
  actor: Actor,
  reads: Reads,
  now: number,
): Awaitable<unknown> {
  return callerFacts?.(actor, reads, now);
}

/**
 * Checks, in the transaction that creates a record, that the actor still belongs to the audiences by which the
 * attributes were read.
 * @param known the facts of the caller as they were then
 * @throws CallerChanged
 */
export async function requireSameAudience(
  access: Access,
  actor: Actor,
  transaction: Reads,
  now: number,
  known: unknown,
): Promise<void> {
  if (access.callerFacts === undefined) return;
  const current = await access.callerFacts(actor, transaction, now);
  const audienceBy = (facts: unknown) => access.audienceOf(actor, null, undefined, facts);
  if (audienceBy(current) !== audienceBy(known)) throw new CallerChanged();
}

/**
 * Returns the record that the URL names, synchronously if the database is not needed. A write calls this again after
 * it has locked the record. Changing a membership locks the account of the member, so from then on neither the
 * caller's nor the record's memberships can change.
 * @throws ApiError record_not_found if the record does not exist or the caller does not see it
 */
export function requireVisible(
  access: Access,
  services: Services,
  call: Call,
  reads: Reads = services.store.read,
): Awaitable<RecordVersion> {
  return chain(callerFactsOf(access, call.actor, reads, services.clock()), (callerFacts) =>
    requireSeen(access, services, call, reads, callerFacts),
  );
}

/** The same, with the facts of the caller already read. */
export function requireSeen(
  access: Access,
  services: Services,
  call: Call,
  reads: Reads,
  callerFacts: unknown,
): Awaitable<RecordVersion> {
  const { target, actor, organizationId } = call;
  if (organizationId === null) {
    if (target === null) throw new ApiError('record_not_found');
    if (access.seesAnyway(actor, target.id)) return target;
  }
  return chain(access.visible(services, call, reads, callerFacts), (visible) => {
    if (target === null) throw new ApiError('record_not_found');
    return chain(reads.records(access.resource).sees(visible, target.id), (isSeen) => {
      if (!isSeen) throw new ApiError('record_not_found');
      return target;
    });
  });
}
