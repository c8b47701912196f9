// The rules for writing users that do not follow from the definition.

import { recordEndedOf } from '../memberships/record-ended.ts';
import type { WriteRules } from '../operations/write-rules.ts';
import { requirePower } from '../require-rights.ts';
import { userCreation } from './create-user.ts';
import { slowTakenAddresses } from './email-throttle.ts';
import { attributesOfAdministrators, requireNotLast } from './last-sysadmin.ts';
import { removeMostOfUser, removeRowsOf } from './remove-most-of-user.ts';
import { tellOldAddress } from './tell-old-address.ts';
import { decideUser } from './user-changes.ts';
import { users } from './users.ts';
import { requireMayChange, requireRank, usersAccess } from './users-access.ts';

export const userRules: WriteRules<typeof users> = {
  resource: users,
  access: usersAccess,
  requireMayCreate: (actor) => requirePower(actor, 'manage_users'),
  requireMayUpdate: requireMayChange,
  requireMayDelete: (actor) => requirePower(actor, 'manage_users'),
  requireMayWrite: requireRank,
  // A new member of an organization.
  locksToCreate: ({ default_organization_id: id = null }) => ({
    organization: id === null ? null : { id, isShared: true },
    userIds: [],
  }),
  requireDeletable: requireNotLast,
  creation: userCreation,
  decide: decideUser,
  decidedByOthers: ['default_organization_id', ...attributesOfAdministrators],
  slowUpdate: slowTakenAddresses,
  accountOf: ({ id }) => id,
  async alongside(services, transaction, author, { before, after }, now) {
    if (before === null) return;
    if (after === null) {
      await recordEndedOf(transaction, author, before.id);
      await removeRowsOf(transaction, before.id);
    } else await tellOldAddress(services, transaction, author, { before, after }, now);
  },
  emptyFirst: removeMostOfUser,
  detailsOfDeletion: async ({ sessions }, { id }, endedBefore) => ({
    sessions_ended: endedBefore + (await sessions.list(id)).length,
  }),
};
