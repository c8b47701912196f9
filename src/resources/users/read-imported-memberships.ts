// Checks the memberships of an account in an import file, and converts them to what is stored.

import { type Role, roles } from '../../model/actor.ts';
import { givenId } from '../../model/id.ts';
import type { Stored } from '../../model/kind.ts';
import { organizationName, timestamp } from '../../model/kinds.ts';
import type { Zone } from '../../model/zone.ts';

export interface ImportedMembership {
  readonly organization_id: number;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  /** Milliseconds since 1970; null if it never ends. */
  readonly expires_at: number | null;
  /** Name of the organization, which is created if it does not exist. */
  readonly organization_name: string | null;
}

interface Reading {
  /** Names of all organizations, by id. */
  readonly organizations: ReadonlyMap<number, string>;
  /** The organization of accounts whose record names none. */
  readonly organizationId: number | null;
  readonly zone: Zone;
  readonly now: number;
  /** The account. Gets a default organization. */
  readonly row: Record<string, Stored>;
  /** Gets the reasons why the account is refused. */
  readonly reasons: string[];
}

/** Tolerance, because the clock of another machine may be ahead. */
const aheadMs = 24 * 60 * 60 * 1000;

export const inTheFuture = 'is in the future';

export function isAhead(time: Stored | undefined, now: number): boolean {
  return typeof time === 'number' && time > now + aheadMs;
}

/** The memberships that are given. Without any: the default organization, or that of the import. */
export function readMemberships(
  fields: ReadonlyMap<string, unknown>,
  reading: Reading,
): readonly ImportedMembership[] {
  const { organizations, organizationId, row, reasons, now } = reading;
  const memberships: ImportedMembership[] = [];
  const given = fields.get('memberships') ?? [];
  if (!Array.isArray(given)) reasons.push('memberships is not a list');
  for (const item of Array.isArray(given) ? given : []) {
    const read = readMembership(item, reading);
    if (typeof read === 'string') reasons.push(`memberships ${read}`);
    else if (memberships.some(({ organization_id }) => organization_id === read.organization_id))
      reasons.push(`memberships names organization ${read.organization_id} twice`);
    else memberships.push(read);
  }
  if (typeof row.default_organization_id !== 'number') {
    // An explicit null is preserved: an account may have memberships but no default.
    const isNull = fields.get('default_organization_id') === null;
    const first = memberships.find(({ expires_at }) => expires_at === null || expires_at > now);
    row.default_organization_id =
      memberships.length === 0 ? organizationId : isNull ? null : (first?.organization_id ?? null);
  }
  const byDefault = row.default_organization_id;
  if (typeof byDefault !== 'number') return memberships;
  if (memberships.length === 0) {
    if (!organizations.has(byDefault)) reasons.push(`organization ${byDefault} does not exist`);
    const organization = { organization_id: byDefault, organization_name: null };
    return [{ ...organization, role: 'member', created_at: now, expires_at: null }];
  }
  if (!memberships.some(({ organization_id }) => organization_id === byDefault))
    reasons.push('default_organization_id is not one of the memberships');
  return memberships;
}

const membershipKeys = ['organization_id', 'role', 'created_at', 'expires_at', 'organization_name'];

/** @returns the membership, or what is wrong with it */
function readMembership(
  item: unknown,
  { organizations, zone, now }: Pick<Reading, 'organizations' | 'zone' | 'now'>,
): ImportedMembership | string {
  if (typeof item !== 'object' || item === null || Array.isArray(item) || JSON.isRawJSON(item))
    return 'must contain objects with organization_id and role';
  const given = new Map<string, unknown>(Object.entries(item));
  const unknown = [...given.keys()].find((key) => !membershipKeys.includes(key));
  if (unknown !== undefined) return `has an unknown key ${shownName(unknown)}`;
  const id = givenId(given.get('organization_id'));
  if (typeof id !== 'number') return `has an organization_id that ${id.problem}`;
  const role = (given.get('role') ?? 'member') as Role;
  if (!roles.includes(role)) return `has a role that is not one of ${roles.join(', ')}`;
  const createdAt = readTime(given.get('created_at'), zone);
  if (typeof createdAt === 'string') return `has a created_at that ${createdAt}`;
  if (isAhead(createdAt, now)) return `has a created_at that ${inTheFuture}`;
  const expiresAt = readTime(given.get('expires_at'), zone);
  if (typeof expiresAt === 'string') return `has an expires_at that ${expiresAt}`;
  const membership = { organization_id: id, role, created_at: createdAt ?? now, expires_at: expiresAt };
  const known = organizations.get(id);
  const name = given.get('organization_name') ?? null;
  if (name === null)
    return known === undefined
      ? `names organization ${id}, which does not exist; give organization_name to create it`
      : { ...membership, organization_name: null };
  const checked = organizationName.check(name, zone);
  if ('violations' in checked) return `has an organization_name that ${checked.violations.join(', ')}`;
  if (known !== undefined && known !== checked.value)
    return `gives organization ${id} a name that differs from its current one; omit organization_name to join it`;
  return { ...membership, organization_name: checked.value };
}

/** @returns milliseconds since 1970, null if it is not given, or the rule that it breaks */
function readTime(given: unknown, zone: Zone): number | null | string {
  if (given === undefined || given === null) return null;
  const checked = timestamp.check(given, zone);
  return 'violations' in checked ? checked.violations.join(', ') : checked.value;
}

/** In quotes if it has spaces or other special characters. */
export function shownName(name: string): string {
  return /^\w{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
}
