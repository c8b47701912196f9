// The rules for writing reviews that do not follow from the definition.

import { ApiError, type ErrorObject, violation } from '../../../src/errors.ts';
import type { WriteRules } from '../../../src/resources/operations/write-rules.ts';
import { gadgetReviews } from './gadget-reviews.ts';
import { gadgetReviewsAccess } from './gadget-reviews-access.ts';

export const gadgetReviewsRules: WriteRules<typeof gadgetReviews> = {
  resource: gadgetReviews,
  access: gadgetReviewsAccess,
  // Only for organizations that the caller belongs to, see `decide`.
  requireMayCreate() {},
  requireMayUpdate() {},
  requireMayDelete() {},
  // Only the author, and owners and admins of the organization.
  requireMayWrite(_actor, _current, audience) {
    if (audience === 0) throw new ApiError('access_denied');
  },
  // #region decide
  async decide(reads, { actor, current, wanted, now }) {
    if (current !== null) return { values: wanted, violations: [] };
    const { organization_id: organizationId } = wanted;
    const violations: ErrorObject[] = [];
    if (
      organizationId !== undefined &&
      actor.userId !== null &&
      (await reads.memberships.role(organizationId, actor.userId, now)) === null
    )
      violations.push(violation('organization_id', 'is not an organization of yours'));
    return { values: { ...wanted, author_id: actor.userId }, violations };
  },
  // #endregion
};
