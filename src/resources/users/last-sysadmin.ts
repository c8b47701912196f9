// There is always an account that can administer. What takes the last one away is refused, except the end of a token:
// `muster tokens create` makes another one.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { powers } from '../../model/actor.ts';
import type { Stored } from '../../model/kind.ts';
import type { Row } from '../../model/resource.ts';
import type { Reads } from '../../store/store.ts';

/** Values with which an account cannot administer, whatever its other attributes are. */
const preventing: Readonly<Record<string, (value: Stored) => boolean>> = {
  sysadmin: (value) => value === false,
  sysadmin_permissions: (value) => {
    const kept = JSON.parse(value as string) as string[];
    return powers.some((power) => !kept.includes(power));
  },
  account_access_expires_at: (value) => value !== null,
};

/** Attributes whose change can take the last one away, so that it needs a transaction. */
export const attributesOfAdministrators = Object.keys(preventing);

/** One for each attribute that would by itself take the last account away that can administer. */
export async function lastSysadminViolations(
  reads: Reads,
  current: Row,
  wanted: Readonly<Record<string, Stored>>,
): Promise<ErrorObject[]> {
  const taking = attributesOfAdministrators.filter((name) => {
    const value = wanted[name];
    return value !== undefined && preventing[name]!(value);
  });
  if (taking.length === 0 || !(await isLastAdministrator(reads, current))) return [];
  return taking.map((name) => violation(name, 'is needed, this is the last sysadmin'));
}

/** @throws ApiError resource_conflict */
export async function refuseToDeleteLast(reads: Reads, current: Row): Promise<void> {
  if (await isLastAdministrator(reads, current))
    throw new ApiError('resource_conflict', { detail: 'The last sysadmin cannot be deleted' });
}

/** The caller holds the row. Where this is no sysadmin, nothing is asked and nobody waits. */
async function isLastAdministrator({ administrators }: Reads, current: Row): Promise<boolean> {
  const id = current.id as number;
  if (current.sysadmin !== true || !(await administrators.includes(id))) return false;
  await administrators.hold();
  return !(await administrators.anyBut(id));
}
