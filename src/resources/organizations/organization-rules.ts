// The rules for writing organizations that do not follow from the definition.

import { ApiError } from '../../errors.ts';
import { managesOrganizations } from '../../model/actor.ts';
import { equals } from '../../model/query.ts';
import type { ValuesOf } from '../../model/resource.ts';
import { generateSecret } from '../../security/tokens.ts';
import type { Reads } from '../../store/store.ts';
import { joinOrganization } from '../memberships/join-organization.ts';
import type { Asked, Decision, WriteRules } from '../operations/write-rules.ts';
import { requireUnbound } from '../require-rights.ts';
import { organizationCreation } from './insert-organization.ts';
import { organizationSlug, organizations } from './organizations.ts';
import { administrator, manager, organizationsAccess, owner } from './organizations-access.ts';
import { removeMembers, removeMostMembers } from './remove-members.ts';

/** How many organizations an account may have created if it may not manage all of them. */
const maxOwnOrganizations = 5;

export const organizationRules: WriteRules<typeof organizations> = {
  resource: organizations,
  access: organizationsAccess,
  requireMayCreate(actor, { selfServiceOrganizations }) {
    requireUnbound(actor);
    if (!selfServiceOrganizations && !managesOrganizations(actor)) throw new ApiError('access_denied');
  },
  // The role in the organization decides, see `requireMayWrite`.
  requireMayUpdate() {},
  requireMayDelete() {},
  requireMayWrite(_actor, _current, audience, action) {
    const mayWrite = manager | (action === 'delete' ? owner : administrator);
    if ((audience & mayWrite) === 0) throw new ApiError('access_denied');
  },
  creation: organizationCreation,
  decide: decideOrganization,
  // They lock the row and accounts of members, as changes of memberships do.
  locksToChange: ({ id }) => ({ organization: { id, isShared: false }, userIds: [] }),
  emptyFirst: removeMostMembers,
  async alongside(_services, transaction, writer, { before, after }, now) {
    const { actor } = writer;
    if (after === null) await removeMembers(transaction, writer, before!.id, now);
    else if (before !== null && before.invitation_token !== after.invitation_token)
      // So that nobody joins by a join link that was revoked.
      await transaction.links.end({ organizationId: after.id }, ['invitation'], now);
    else if (before === null && actor.userId !== null) {
      const membership = { organizationId: after.id, role: 'owner' } as const;
      await joinOrganization(transaction, writer, actor.userId, membership, now);
    }
  },
};

async function decideOrganization(
  reads: Reads,
  { actor, current, wanted }: Asked<typeof organizations>,
): Promise<Decision<typeof organizations>> {
  const values: ValuesOf<typeof organizations> = {
    ...wanted,
    // The client's value is never stored.
    ...(typeof wanted.invitation_token === 'string' && { invitation_token: generateSecret() }),
    ...(current === null && { creator_id: actor.userId }),
    ...(current !== null && wanted.name !== undefined && { slug: organizationSlug(current.id, wanted.name) }),
  };
  if (current === null && actor.userId !== null && !managesOrganizations(actor))
    await requireFewOrganizations(reads, actor.userId);
  return { values, violations: [] };
}

/** The write has locked the account, so parallel requests are counted one after another. */
async function requireFewOrganizations({ records }: Reads, userId: number): Promise<void> {
  if ((await records(organizations).count(equals('creator_id', userId), null)) >= maxOwnOrganizations)
    throw new ApiError('access_denied', {
      detail: `You have created ${maxOwnOrganizations} organizations, which is the maximum`,
    });
}
