// The rules for writing gadgets that do not follow from the definition.

import { ApiError } from '../../../src/errors.ts';
import type { Actor } from '../../../src/model/actor.ts';
import type { WriteRules } from '../../../src/resources/operations/write-rules.ts';
import { gadgets } from './gadgets.ts';
import { gadgetsAccess } from './gadgets-access.ts';

export const gadgetsRules: WriteRules<typeof gadgets> = {
  resource: gadgets,
  access: gadgetsAccess,
  requireMayCreate: requireKeeper,
  // Owners may change their gadgets, see `requireMayWrite`.
  requireMayUpdate() {},
  requireMayDelete: requireKeeper,
  requireMayWrite(actor, { owner_id }) {
    if (actor.userId !== owner_id) requireKeeper(actor);
  },
};

function requireKeeper(actor: Actor): void {
  if (!actor.powers.includes('manage_organizations')) throw new ApiError('access_denied');
}
