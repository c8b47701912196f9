// Decides a requested change of a user: the values to store, and the rules that it breaks.

import { type ErrorObject, violation } from '../../errors.ts';
import { type Actor, powersOf } from '../../model/actor.ts';
import type { ValuesOf } from '../../model/resource.ts';
import { generateSecret } from '../../security/tokens.ts';
import type { Reads } from '../../store/store.ts';
import type { Asked, Decision } from '../operations/write-rules.ts';
import { requireUnbound } from '../require-rights.ts';
import { decideDefaultOrganization } from './default-organization.ts';
import { lastSysadminViolations } from './last-sysadmin.ts';
import { reservedAddress } from './reserved-address.ts';
import type { User, users } from './users.ts';

type UserValues = ValuesOf<typeof users>;

export async function decideUser(reads: Reads, asked: Asked<typeof users>): Promise<Decision<typeof users>> {
  const { actor, current, wanted, now } = asked;
  if (current !== null && wanted.email !== undefined && wanted.email !== current.email) requireUnbound(actor);
  const violations: ErrorObject[] = [];
  if (grantsLackedPower(actor, current, wanted))
    violations.push(violation('sysadmin_permissions', 'may not grant a power that you lack'));
  if (current !== null) violations.push(...(await lastSysadminViolations(reads, current, wanted)));
  violations.push(...(await reservedAddress(reads, wanted.email, current?.id ?? null, now)));
  const organization = await decideDefaultOrganization(reads, asked);
  return {
    violations: [...violations, ...organization.violations],
    values: {
      ...organization.values,
      // The client's value is never stored.
      ...(typeof wanted.ical_token === 'string' && { ical_token: generateSecret() }),
      ...consentTime(current, wanted, now),
    },
  };
}

/** The time of consent. Unchanged unless the wanted values set `newsletter_consent`. */
export function consentTime(
  current: Pick<User, 'newsletter_consent_at'> | null,
  { newsletter_consent: consent, newsletter_consent_at: given }: UserValues,
  now: number,
): Pick<UserValues, 'newsletter_consent_at'> {
  if (consent === undefined) return {};
  return { newsletter_consent_at: consent ? (given ?? current?.newsletter_consent_at ?? now) : null };
}

/** Permissions of an account that is not a sysadmin have no effect, so making it a sysadmin grants all of them. */
function grantsLackedPower(actor: Actor, current: User | null, wanted: UserValues): boolean {
  if (wanted.sysadmin === undefined && wanted.sysadmin_permissions === undefined) return false;
  const held: readonly string[] = powersOf(current ?? {});
  const granted = powersOf({ ...current, ...wanted });
  // Permissions that are set explicitly must be the actor's own, even if they have no effect yet.
  const named =
    wanted.sysadmin_permissions === undefined ? [] : (JSON.parse(wanted.sysadmin_permissions) as string[]);
  return [...granted, ...named].some(
    (power) => !held.includes(power) && !(actor.powers as readonly string[]).includes(power),
  );
}
