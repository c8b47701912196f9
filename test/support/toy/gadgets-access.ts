// Who sees which gadgets. Everything that is not granted here is refused.

import type { Actor } from '../../../src/model/actor.ts';
import { audienceSet, everyAudience } from '../../../src/model/audience.ts';
import type { Link } from '../../../src/model/query.ts';
import type { Access } from '../../../src/resources/access.ts';
import { callerRoles } from '../../../src/resources/memberships/caller-roles.ts';
import { requireNamedOrganization } from '../../../src/resources/organizations/require-organization.ts';
import { gadgets } from './gadgets.ts';

/** The `group` of a gadget is the id of the organization that it is lent to. */
export const organizationsOfGadgets: Link = {
  table: 'gadget_loans',
  id: 'gadget_id',
  other: 'organization_id',
};

const owner = audienceSet(gadgets, 'owner');
const keeper = audienceSet(gadgets, 'keeper');

const isKeeper = (actor: Actor) => actor.powers.includes('manage_organizations');

/** Keepers see all gadgets. Everyone else sees the gadgets that are lent to their organizations. */
export const gadgetsAccess: Access = {
  resource: gadgets,
  audienceOf(actor, _id, facts) {
    if (actor.userId === null) return everyAudience(gadgets);
    return (facts?.owner_id === actor.userId ? owner : 0) | (isKeeper(actor) ? keeper : 0);
  },
  seesAnyway: isKeeper,
  async visible({ clock }, call, reads) {
    const { actor, organizationId } = call;
    if (organizationId === null && isKeeper(actor)) return null;
    const roles = await callerRoles(actor, reads, clock());
    await requireNamedOrganization(call, reads, roles);
    const others = organizationId === null ? Object.keys(roles).map(Number) : [organizationId];
    return others.length === 0 ? { any: [] } : { link: organizationsOfGadgets, others };
  },
};
