// What a requested change of a user means: which columns it changes, and which rules it breaks.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import type { AttributeChanges } from '../../jsonapi/read-document.ts';
import { type Actor, powersOf } from '../../model/actor.ts';
import type { Stored } from '../../model/kind.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import type { Row } from '../../model/resource.ts';
import { generateSecret } from '../../security/tokens.ts';
import { type Reads, UniqueViolation } from '../../store/store.ts';
import { changedColumns } from './changed-columns.ts';
import { mayBeDefault } from './default-organization.ts';
import { attributesOfAdministrators, lastSysadminViolations } from './last-sysadmin.ts';
import { users } from './users.ts';

export interface Decision {
  /** Columns with their new values; empty where nothing would change. */
  readonly changes: Readonly<Record<string, Stored>>;
  readonly violations: readonly ErrorObject[];
}

export async function decideUpdate(
  reads: Reads,
  actor: Actor,
  current: Row,
  requested: AttributeChanges,
  now: number,
): Promise<Decision> {
  const id = current.id as number;
  const wanted: Record<string, Stored> = { ...requested.values };
  const violations = [
    ...brokenByChanges(requested, current),
    ...(await ruleViolations(reads, actor, current, wanted)),
  ];

  const organizationId = wanted.default_organization_id;
  if (typeof organizationId === 'number') {
    if (!(await mayBeDefault(reads, id, organizationId))) delete wanted.default_organization_id;
  }
  // What the client sent is never stored.
  if (typeof wanted.ical_token === 'string') wanted.ical_token = generateSecret();
  if (wanted.newsletter_consent === true) wanted.newsletter_consent_at = current.newsletter_consent_at ?? now;
  if (wanted.newsletter_consent === false) wanted.newsletter_consent_at = null;

  return { changes: changedColumns(current, wanted, now), violations };
}

/**
 * A rule may be newer than a stored email or name, and clients send whole resources back: what equals the stored text is
 * no change, and breaks nothing.
 */
function brokenByChanges({ violations, given }: AttributeChanges, current: Row): readonly ErrorObject[] {
  const isKept = (name: string) =>
    Object.hasOwn(users.attributes, name) &&
    users.attributes[name]!.kind.folded !== undefined &&
    given[name] === current[name];
  return violations.filter(({ source }) => !isKept(source.pointer?.split('/').at(-1) ?? ''));
}

/** Attributes whose rules look at other rows than the account's own, see `decideUpdate`. */
const rulesOfOthers = ['email', 'default_organization_id', ...attributesOfAdministrators];

/** Whether a change needs a transaction: what it is decided by must not change before it is written. */
export function dependsOnOthers(wanted: Readonly<Record<string, unknown>>): boolean {
  return rulesOfOthers.some((name) => wanted[name] !== undefined);
}

export const emailIsTaken = violation('email', 'has already been taken');

/** Rules that need the database or the caller; `current` is null for a new account. */
export async function ruleViolations(
  reads: Reads,
  actor: Actor,
  current: Row | null,
  wanted: Readonly<Record<string, Stored>>,
): Promise<ErrorObject[]> {
  const violations: ErrorObject[] = [];
  const { email } = wanted;
  // Another way of writing one's own address takes nothing from anyone.
  const isOwn = typeof current?.email === 'string' && mailboxKey(current.email) === mailboxKey(String(email));
  if (
    typeof email === 'string' &&
    !isOwn &&
    (await reads.records(users).findByIdentity('email', email)) !== null
  )
    violations.push(emailIsTaken);
  if (grantsLackedPower(actor, current, wanted))
    violations.push(violation('sysadmin_permissions', 'may not grant a power that you lack'));
  if (current !== null) violations.push(...(await lastSysadminViolations(reads, current, wanted)));
  return violations;
}

/** Permissions of an account that is no sysadmin are no powers, so making it one grants all that stand there. */
function grantsLackedPower(
  actor: Actor,
  current: Row | null,
  wanted: Readonly<Record<string, Stored>>,
): boolean {
  if (wanted.sysadmin === undefined && wanted.sysadmin_permissions === undefined) return false;
  const held: readonly string[] = powersOf(current ?? {});
  const granted = powersOf({ ...current, ...wanted });
  // Named outright, they must be the actor's even where they lie still for now.
  const named =
    typeof wanted.sysadmin_permissions === 'string'
      ? (JSON.parse(wanted.sysadmin_permissions) as string[])
      : [];
  return [...granted, ...named].some(
    (power) => !held.includes(power) && !(actor.powers as readonly string[]).includes(power),
  );
}

/** Two requests took the same email at once, and this one came second: the same answer as to any other that is taken. */
export function emailTaken(error: unknown): unknown {
  return error instanceof UniqueViolation && error.column === 'email_key'
    ? ApiError.of([emailIsTaken])
    : error;
}
