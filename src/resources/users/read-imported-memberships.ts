// Checks the memberships of an account in an import file, and converts them to what is stored.

import { type Role, roles } from '../../model/actor.ts';
import { givenId } from '../../model/id.ts';
import type { Stored } from '../../model/kind.ts';
import { externalIdentifier, organizationName, timestamp } from '../../model/kinds.ts';
import type { Zone } from '../../model/zone.ts';
import type { ExternalId } from '../../store/origins.ts';

export interface ImportedMembership {
  /** Null if the organization is named by its id in another system. */
  readonly organization_id: number | null;
  readonly organization_origin: ExternalId | null;
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
  /** The system that the account has come from, and its organizations that are named by their ids there; null for none. */
  readonly source: string | null;
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

export interface ReadMemberships {
  readonly memberships: readonly ImportedMembership[];
  /** The default organization, if it is named by its id in another system. */
  readonly defaultOrigin: ExternalId | null;
}

/** The memberships that are given. Without any: the default organization, or that of the import. */
export function readMemberships(fields: ReadonlyMap<string, unknown>, reading: Reading): ReadMemberships {
  const { organizations, organizationId, row, reasons, now } = reading;
  const role = fields.get('organization_role') ?? 'member';
  if (!roles.includes(role as Role)) reasons.push(`organization_role is not one of ${roles.join(', ')}`);
  const memberships: ImportedMembership[] = [];
  const given = fields.get('memberships') ?? [];
  if (!Array.isArray(given)) reasons.push('memberships is not a list');
  for (const item of Array.isArray(given) ? given : []) {
    const read = readMembership(item, reading);
    if (typeof read === 'string') reasons.push(`memberships ${read}`);
    else if (memberships.some((other) => isSameOrganization(other, read)))
      reasons.push(
        `memberships names organization ${read.organization_id ?? shownName(read.organization_origin!.externalId)} twice`,
      );
    else memberships.push(read);
  }
  let defaultOrigin: ExternalId | null = null;
  if (typeof row.default_organization_id !== 'number') {
    // An explicit null is preserved: an account may have memberships but no default.
    const isNull = fields.get('default_organization_id') === null;
    const first = memberships.find(({ expires_at }) => expires_at === null || expires_at > now);
    row.default_organization_id =
      memberships.length === 0 ? organizationId : isNull ? null : (first?.organization_id ?? null);
    if (!isNull) defaultOrigin = first?.organization_origin ?? null;
  }
  const byDefault = row.default_organization_id;
  if (typeof byDefault !== 'number') return { memberships, defaultOrigin };
  if (memberships.length === 0) {
    if (!organizations.has(byDefault)) reasons.push(`organization ${byDefault} does not exist`);
    const organization = { organization_id: byDefault, organization_origin: null, organization_name: null };
    const membership = { ...organization, role: role as Role, created_at: now, expires_at: null };
    return { memberships: [membership], defaultOrigin };
  }
  if (!memberships.some(({ organization_id }) => organization_id === byDefault))
    reasons.push('default_organization_id is not one of the memberships');
  return { memberships, defaultOrigin };
}

function isSameOrganization(one: ImportedMembership, other: ImportedMembership): boolean {
  return one.organization_id === null
    ? one.organization_origin?.externalId === other.organization_origin?.externalId
    : one.organization_id === other.organization_id;
}

const membershipKeys = [
  'organization_id',
  'organization_external_id',
  'role',
  'created_at',
  'expires_at',
  'organization_name',
];

/** @returns the membership, or what is wrong with it */
function readMembership(
  item: unknown,
  { organizations, source, zone, now }: Pick<Reading, 'organizations' | 'source' | 'zone' | 'now'>,
): ImportedMembership | string {
  if (typeof item !== 'object' || item === null || Array.isArray(item) || JSON.isRawJSON(item))
    return 'must contain objects with organization_id and role';
  const given = new Map<string, unknown>(Object.entries(item));
  const unknown = [...given.keys()].find((key) => !membershipKeys.includes(key));
  if (unknown !== undefined) return `has an unknown key ${shownName(unknown)}`;
  const role = (given.get('role') ?? 'member') as Role;
  if (!roles.includes(role)) return `has a role that is not one of ${roles.join(', ')}`;
  const createdAt = readTime(given.get('created_at'), zone);
  if (typeof createdAt === 'string') return `has a created_at that ${createdAt}`;
  if (isAhead(createdAt, now)) return `has a created_at that ${inTheFuture}`;
  const expiresAt = readTime(given.get('expires_at'), zone);
  if (typeof expiresAt === 'string') return `has an expires_at that ${expiresAt}`;
  const organization = given.has('organization_external_id')
    ? externalOrganization(given, source, zone)
    : ownOrganization(given, organizations, zone);
  if (typeof organization === 'string') return organization;
  return { ...organization, role, created_at: createdAt ?? now, expires_at: expiresAt };
}

type Organization = Pick<ImportedMembership, 'organization_id' | 'organization_origin' | 'organization_name'>;

/** @returns the organization, or what is wrong with it */
function ownOrganization(
  given: ReadonlyMap<string, unknown>,
  organizations: Reading['organizations'],
  zone: Zone,
): Organization | string {
  const id = givenId(given.get('organization_id'));
  if (typeof id !== 'number') return `has an organization_id that ${id.problem}`;
  const organization = { organization_id: id, organization_origin: null };
  const known = organizations.get(id);
  const name = given.get('organization_name') ?? null;
  if (name === null)
    return known === undefined
      ? `names organization ${id}, which does not exist; give organization_name to create it`
      : { ...organization, organization_name: null };
  const checked = organizationName.check(name, zone);
  if ('violations' in checked) return `has an organization_name that ${checked.violations.join(', ')}`;
  if (known !== undefined && known !== checked.value)
    return `gives organization ${id} a name that differs from its current one; omit organization_name to join it`;
  return { ...organization, organization_name: checked.value };
}

/** It may have got another name here since. */
function externalOrganization(
  given: ReadonlyMap<string, unknown>,
  source: string | null,
  zone: Zone,
): Organization | string {
  if ((given.get('organization_id') ?? null) !== null)
    return 'cannot have both organization_id and organization_external_id';
  if (source === null) return 'has an organization_external_id, but the row has no origin';
  const id = externalIdentifier.check(given.get('organization_external_id'), zone);
  if ('violations' in id) return `has an organization_external_id that ${id.violations.join(', ')}`;
  const name = organizationName.check(given.get('organization_name'), zone);
  if ('violations' in name) return `has an organization_name that ${name.violations.join(', ')}`;
  return {
    organization_id: null,
    organization_origin: { source, externalId: id.value },
    organization_name: name.value,
  };
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
