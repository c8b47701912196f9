// The rules for writing invitations that do not follow from the definition.

import { ApiError } from '../../errors.ts';
import type { AudienceSet } from '../../model/audience.ts';
import type { WriteRules } from '../operations/write-rules.ts';
import { type Invitation, invitations } from './invitations.ts';
import { administrator, invitationsAccess, manager, owner } from './invitations-access.ts';

export const invitationRules: WriteRules<typeof invitations> = {
  resource: invitations,
  access: invitationsAccess,
  // The role in the organization decides.
  requireMayCreate() {},
  requireMayUpdate() {},
  requireMayDelete() {},
  requireMayWrite: (_actor, current, audience) => requireMayWriteInvitation(current, audience),
  // As changes of memberships do: an invitation and a membership of one account do not pass each other.
  locksToCreate: ({ organization_id: id }) => ({ organization: { id: id!, isShared: false }, userIds: [] }),
  locksToChange: ({ organization_id: id }) => ({ organization: { id, isShared: false }, userIds: [] }),
  async alongside(_services, transaction, _author, { before, after }) {
    if (after === null) await transaction.invitations.erase([before!.id]);
  },
};

/**
 * Admins write invitations of members only, as with memberships.
 * @throws ApiError access_denied
 */
export function requireMayWriteInvitation({ role }: Invitation, audience: AudienceSet): void {
  const mayWrite = owner | manager | (role === 'member' ? administrator : 0);
  if ((audience & mayWrite) === 0) throw new ApiError('access_denied');
}
