// Rights that do not depend on a record.

import { ApiError } from '../errors.ts';
import type { Actor, Power } from '../model/actor.ts';

/** @throws ApiError access_denied */
export function requirePower(actor: Actor, power: Power): void {
  if (!actor.powers.includes(power)) throw new ApiError('access_denied');
}

/**
 * For acts that reach beyond one organization: creating an organization, creating and ending other sessions, changing
 * the email or the password.
 * @throws ApiError access_denied for a token that is bound to an organization
 */
export function requireUnbound(actor: Actor): void {
  if (actor.userId !== null && actor.organizationId !== null) throw new ApiError('access_denied');
}
