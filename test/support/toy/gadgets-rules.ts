// The rules for writing gadgets that do not follow from the definition.

import { ApiError, type ErrorObject, violation } from '../../../src/errors.ts';
import type { Actor } from '../../../src/model/actor.ts';
import type { Decision, WriteRules } from '../../../src/resources/operations/write-rules.ts';
import { users } from '../../../src/resources/users/users.ts';
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
  async decide(reads, { wanted }): Promise<Decision<typeof gadgets>> {
    const { owner_id: owner, part_of_id: whole } = wanted;
    const violations: ErrorObject[] = [];
    if (typeof owner === 'number' && (await reads.records(users).find(owner)) === null)
      violations.push(violation('owner_id', 'is not a known user'));
    if (typeof whole === 'number' && (await reads.records(gadgets).find(whole)) === null)
      violations.push(violation('part_of_id', 'is not a known gadget'));
    return { values: wanted, violations };
  },
  decidedByOthers: ['owner_id', 'part_of_id'],
};

function requireKeeper(actor: Actor): void {
  if (!actor.powers.includes('manage_organizations')) throw new ApiError('access_denied');
}
