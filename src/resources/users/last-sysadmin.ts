// There must always be an account that can administer. Changes that would remove the last one are refused, except
// revoking a token: `muster tokens create` creates a new one.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { powers } from '../../model/actor.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Reads } from '../../store/store.ts';
import type { User, users } from './users.ts';

const lastSysadmin = 'is needed, this is the last sysadmin';

type UserValues = ValuesOf<typeof users>;

/** For each attribute, whether its new value by itself prevents an account from administering. */
const preventing = {
  sysadmin: ({ sysadmin }) => sysadmin === false,
  sysadmin_permissions({ sysadmin_permissions: text }) {
    const kept = text === undefined ? powers : (JSON.parse(text) as string[]);
    return powers.some((power) => !kept.includes(power));
  },
  account_access_expires_at: ({ account_access_expires_at: at }) => typeof at === 'number',
} satisfies { readonly [N in keyof UserValues]: (wanted: UserValues) => boolean };

/** Attributes whose change can remove the last administrator, so the change needs a transaction. */
export const attributesOfAdministrators = Object.keys(preventing) as (keyof typeof preventing)[];

/** A violation for each attribute whose new value would remove the last account that can administer. */
export async function lastSysadminViolations(
  reads: Reads,
  current: User,
  wanted: UserValues,
): Promise<ErrorObject[]> {
  const taking = attributesOfAdministrators.filter((name) => preventing[name](wanted));
  if (taking.length === 0 || !(await isLastAdministrator(reads, current))) return [];
  return taking.map((name) => violation(name, lastSysadmin));
}

/** @throws ApiError resource_conflict */
export async function requireNotLast(reads: Reads, current: User): Promise<void> {
  if (await isLastAdministrator(reads, current))
    throw new ApiError('resource_conflict', { detail: 'The last sysadmin cannot be deleted' });
}

/**
 * Call it after a write by which an account can no longer administer.
 * @param attribute that the request lacks
 * @throws ApiError if nobody can now
 */
export async function requireAdministrator({ administrators }: Reads, attribute: string): Promise<void> {
  await administrators.hold();
  if (!(await administrators.any())) throw ApiError.of([violation(attribute, lastSysadmin)]);
}

/** The caller must have locked the row. If the account is not a sysadmin, no query runs and no lock is taken. */
async function isLastAdministrator({ administrators }: Reads, current: User): Promise<boolean> {
  const { id, sysadmin } = current;
  if (!sysadmin || !(await administrators.includes(id))) return false;
  await administrators.hold();
  return !(await administrators.anyBut(id));
}
