// Which records a list contains: by default all that the caller sees; or only some of them; or those of one record
// that the path names, for example the reviews of a gadget.

import type { DescribedMeta } from '../../jsonapi/described-route.ts';
import type { Actor } from '../../model/actor.ts';
import type { AudienceSet } from '../../model/audience.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import { type Comparison, equals } from '../../model/query.ts';
import { idAttributeOf } from '../../model/relationship.ts';
import type { Resource } from '../../model/resource.ts';
import { type Access, callerFactsOf, requireSeen } from '../access.ts';
import type { Call, Services } from '../operation.ts';

/** @template F the facts of the caller, see Access */
export interface ListScope<F = unknown> {
  /**
   * Used instead of `Access.visible`: to list less than the caller sees, or, with `under`, to select nothing if whoever
   * may list sees all records there. Then the query is only a comparison with the id of the record in the path.
   */
  readonly visible?: Access<F>['visible'];
  /**
   * A relationship, of which the path names the other record. The list contains the records that refer to it. It is
   * not found if its own access does not show it to the caller.
   */
  readonly under?: string;
  /**
   * What else the caller must be to the record in the path.
   * @param audience the caller's audiences of that record
   * @throws ApiError access_denied
   */
  requireMayList?(actor: Actor, audience: AudienceSet): void;
  /** A condition that applies unless the request filters by its attribute; null for none. */
  byDefault?(call: Call): Comparison | null;
  /** Further members of `meta`. */
  readonly meta?: ListMeta;
}

/** Members of the `meta` of a list, in addition to those about pages, by name. A route declares them with its list. */
export type ListMeta = Readonly<Record<string, DescribedMeta & { of(call: Call): string | number }>>;

type ReadParent = (services: Services, call: Call) => Awaitable<Comparison | null>;

/**
 * @returns a function that checks the record in the path, and returns the filter for the records that refer to it;
 * null for a list without one. It throws ApiError record_not_found or access_denied
 * @throws Error if the relationship cannot be filtered by
 */
export function parentReader(resource: Resource, { under, requireMayList }: ListScope): ReadParent {
  if (under === undefined) return () => null;
  const relationship = resource.relationships[under];
  const attribute = idAttributeOf(under);
  if (relationship === undefined || resource.attributes[attribute]!.joined)
    throw new Error(`${resource.type}.${under}: not a relationship whose id is a column`);
  return (services, call) => {
    const access = services.accesses.get(relationship.to)!;
    const { actor } = call;
    const { read } = services.store;
    return chain(callerFactsOf(access, actor, read, services.clock()), (callerFacts) =>
      chain(requireSeen(access, services, call, read, callerFacts), ({ id, facts }) => {
        requireMayList?.(actor, access.audienceOf(actor, id, facts, callerFacts));
        return equals(attribute, id);
      }),
    );
  };
}
