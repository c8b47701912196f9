// Who sees which reviews, and who belongs to which audience: both depend on the organizations of the caller.

import type { Actor, Role } from '../../../src/model/actor.ts';
import { audienceSet, everyAudience } from '../../../src/model/audience.ts';
import type { Access } from '../../../src/resources/access.ts';
import { requireNamedOrganization } from '../../../src/resources/organizations/require-organization.ts';
import { gadgetReviews } from './gadget-reviews.ts';

// #region caller-facts
/** The roles of the caller by organization. */
type Roles = Readonly<Record<number, Role>>;

const author = audienceSet(gadgetReviews, 'author');
const moderator = audienceSet(gadgetReviews, 'moderator');
const keeper = audienceSet(gadgetReviews, 'keeper');

const isKeeper = (actor: Actor) => actor.powers.includes('manage_organizations');

/** Keepers see all reviews. Everyone else sees the reviews of the organizations that they belong to. */
export const gadgetReviewsAccess: Access<Roles> = {
  resource: gadgetReviews,
  async callerFacts({ userId }, { memberships }, now) {
    const found = userId === null ? [] : await memberships.ofUser(userId, now);
    return Object.fromEntries(found.map(({ organization_id, role }) => [organization_id, role]));
  },
  audienceOf(actor, id, facts, roles) {
    if (actor.userId === null) return everyAudience(gadgetReviews);
    const role = roles[facts?.organization_id as number];
    const isAuthor = id === null || facts?.author_id === actor.userId;
    return (
      (isAuthor ? author : 0) |
      (role === 'owner' || role === 'admin' ? moderator : 0) |
      (isKeeper(actor) ? keeper : 0)
    );
  },
  // #endregion
  // #region audience-of-all
  audienceOfAll({ actor, organizationId }, roles) {
    const listed = organizationId === null ? Object.values(roles) : [roles[organizationId]];
    const moderates = listed.length > 0 && listed.every((role) => role === 'owner' || role === 'admin');
    return isKeeper(actor) ? keeper : moderates ? moderator : 0;
  },
  // #endregion
  seesAnyway: isKeeper,
  async visible(_services, call, reads, roles) {
    const { actor, organizationId } = call;
    await requireNamedOrganization(call, reads, roles);
    if (organizationId === null && isKeeper(actor)) return null;
    const values = organizationId === null ? Object.keys(roles).map(Number) : [organizationId];
    return values.length === 0 ? { any: [] } : { attribute: 'organization_id', operator: 'eq', values };
  },
};
