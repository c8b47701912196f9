// Who sees which gadgets. Everything that is not granted here is refused.

import type { Actor } from '../../../src/model/actor.ts';
import { audienceSet, everyAudience } from '../../../src/model/audience.ts';
import type { Link } from '../../../src/model/query.ts';
import type { Access } from '../../../src/resources/access.ts';
import { requireOrganization } from '../../../src/resources/organizations/require-organization.ts';
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
  async visible({ clock }, { actor, organizationId }, reads) {
    if (organizationId !== null) {
      await requireOrganization(actor, organizationId, reads, clock());
      return { link: organizationsOfGadgets, others: [organizationId] };
    }
    if (isKeeper(actor)) return null;
    const joined = await reads.memberships.ofUser(actor.userId, clock());
    const others = joined.map((membership) => membership.organization_id);
    return others.length === 0 ? { any: [] } : { link: organizationsOfGadgets, others };
  },
};
