// Checks one account of an import file, and converts it to what is stored.

import { type Role, roles } from '../../model/actor.ts';
import { givenId } from '../../model/id.ts';
import type { Stored } from '../../model/kind.ts';
import { organizationName } from '../../model/kinds.ts';
import type { Row } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import { isKnownHash, looksLikeHash } from '../../security/hash-formats.ts';
import { type PasswordPolicy, passwordViolation, unusablePassword } from '../../security/password-policy.ts';
import type { NewRecord } from '../../store/store.ts';
import { consentTime } from './user-changes.ts';
import { users } from './users.ts';

export interface ImportRules extends PasswordPolicy {
  readonly zone: Zone;
  /** Accepts plain-text passwords that the policy refuses. */
  readonly anyPassword: boolean;
  /** Accepts attributes that give powers, or access to a calendar. */
  readonly withPrivileges: boolean;
  /** Accounts without an organization become members of this one. */
  readonly organizationId: number | null;
}

/** Has an id if the file gives one. */
export type ImportedRow = NewRecord<typeof users>;

export interface ImportedAccount {
  readonly row: ImportedRow;
  readonly password: string | null;
  readonly passwordHash: string | null;
  readonly memberships: readonly ImportedMembership[];
}

export interface ImportedMembership {
  readonly organization_id: number;
  readonly role: Role;
  /** Name of the organization, which is created if it does not exist. */
  readonly organization_name: string | null;
}

/** Tolerance, because the clock of another machine may be ahead. */
const aheadMs = 24 * 60 * 60 * 1000;

/**
 * @param fields attributes as in documents, and `id`, `password`, `password_hash`, `memberships`
 * @param organizations names of all organizations, by id
 * @returns the account, or all reasons why it is refused; reasons never contain a secret
 */
export async function readImported(
  fields: ReadonlyMap<string, unknown>,
  organizations: ReadonlyMap<number, string>,
  rules: ImportRules,
  now: number,
): Promise<ImportedAccount | { reasons: readonly string[] }> {
  const reasons: string[] = [];
  const row: Record<string, Stored> = {};
  const id = fields.get('id') ?? null;
  if (id !== null) {
    const given = givenId(id);
    if (typeof given === 'number') row.id = given;
    else reasons.push(`id ${given.problem}`);
  }
  readAttributes(fields, rules, row, reasons);
  if (typeof row.updated_at === 'number' && row.updated_at > now + aheadMs)
    reasons.push('updated_at is in the future');
  const hash = await readPassword(fields, rules, row, reasons);
  const memberships = readMemberships(fields, organizations, rules, row, reasons);
  if (reasons.length > 0) return { reasons };
  const values = row as ImportedRow;
  return { row: { ...values, ...consentTime(null, values, now) }, ...hash, memberships };
}

const notAttributes = ['id', 'password', 'password_hash', 'memberships'];

function readAttributes(
  fields: ReadonlyMap<string, unknown>,
  { zone, withPrivileges }: ImportRules,
  row: Record<string, Stored>,
  reasons: string[],
): void {
  for (const [name, value] of fields) {
    if (notAttributes.includes(name)) continue;
    const attribute = Object.hasOwn(users.attributes, name) ? users.attributes[name] : undefined;
    if (attribute === undefined) reasons.push(`${shownName(name)} is not a known attribute`);
    else if (!users.columns.includes(name) || value === null) continue;
    else {
      const checked = attribute.kind.check(value, zone);
      if ('violations' in checked) reasons.push(...checked.violations.map((rule) => `${name} ${rule}`));
      else row[name] = checked.value;
    }
  }
  for (const [name, attribute] of Object.entries(users.attributes)) {
    if (attribute.required && (fields.get(name) ?? null) === null) reasons.push(`${name} can't be blank`);
  }
  const privileges = [
    ...(row.sysadmin === true ? ['sysadmin'] : []),
    ...((row.sysadmin_permissions ?? '[]') === '[]' ? [] : ['sysadmin_permissions']),
    ...((row.ical_token ?? '') === '' ? [] : ['ical_token']),
  ];
  if (!withPrivileges)
    reasons.push(...privileges.map((name) => `${name} is only imported with --with-privileges`));
  if (row.ical_token === '') row.ical_token = null;
  // The form of secrets that Muster and similar systems generate.
  if (typeof row.ical_token === 'string' && !/^[\w-]{16,255}$/.test(row.ical_token))
    reasons.push('ical_token must be 16 to 255 letters, digits, - and _');
}

/** In quotes if it has spaces or other special characters. */
function shownName(name: string): string {
  return /^\w{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
}

async function readPassword(
  fields: ReadonlyMap<string, unknown>,
  rules: ImportRules,
  row: Row,
  reasons: string[],
): Promise<Pick<ImportedAccount, 'password' | 'passwordHash'>> {
  const password = fields.get('password') ?? null;
  const passwordHash = fields.get('password_hash') ?? null;
  if (password !== null && passwordHash !== null)
    reasons.push('password and password_hash cannot both be given');
  if (typeof password === 'string' && looksLikeHash(password))
    reasons.push('password looks like a hash: use password_hash for hashes');
  else if (password !== null) {
    const rule = rules.anyPassword
      ? unusablePassword(password)
      : await passwordViolation(password, row, rules);
    if (rule !== undefined) reasons.push(`password ${rule}`);
  }
  if (passwordHash !== null && (typeof passwordHash !== 'string' || !isKnownHash(passwordHash)))
    reasons.push('password_hash has an unknown format');
  return { password: password as string | null, passwordHash: passwordHash as string | null };
}

/** The memberships that are given. Without any: the default organization, or that of the import. */
function readMemberships(
  fields: ReadonlyMap<string, unknown>,
  organizations: ReadonlyMap<number, string>,
  { organizationId, zone }: ImportRules,
  row: Record<string, Stored>,
  reasons: string[],
): readonly ImportedMembership[] {
  const memberships: ImportedMembership[] = [];
  const given = fields.get('memberships') ?? [];
  if (!Array.isArray(given)) reasons.push('memberships is not a list');
  for (const item of Array.isArray(given) ? given : []) {
    const read = readMembership(item, organizations, zone);
    if (typeof read === 'string') reasons.push(`memberships ${read}`);
    else if (memberships.some(({ organization_id }) => organization_id === read.organization_id))
      reasons.push(`memberships names organization ${read.organization_id} twice`);
    else memberships.push(read);
  }
  if (typeof row.default_organization_id !== 'number') {
    // An explicit null is preserved: an account may have memberships but no default.
    const isNull = fields.get('default_organization_id') === null;
    const [first] = memberships;
    row.default_organization_id =
      first === undefined ? organizationId : isNull ? null : first.organization_id;
  }
  const byDefault = row.default_organization_id;
  if (typeof byDefault !== 'number') return memberships;
  if (memberships.length === 0) {
    if (!organizations.has(byDefault)) reasons.push(`organization ${byDefault} does not exist`);
    return [{ organization_id: byDefault, role: 'member', organization_name: null }];
  }
  if (!memberships.some(({ organization_id }) => organization_id === byDefault))
    reasons.push('default_organization_id is not one of the memberships');
  return memberships;
}

const membershipKeys = ['organization_id', 'role', 'organization_name'];

/** @returns the membership, or what is wrong with it */
function readMembership(
  item: unknown,
  organizations: ReadonlyMap<number, string>,
  zone: Zone,
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
  const known = organizations.get(id);
  const name = given.get('organization_name') ?? null;
  if (name === null)
    return known === undefined
      ? `names organization ${id}, which does not exist; give organization_name to create it`
      : { organization_id: id, role, organization_name: null };
  const checked = organizationName.check(name, zone);
  if ('violations' in checked) return `has an organization_name that ${checked.violations.join(', ')}`;
  if (known !== undefined && known !== checked.value)
    return `gives organization ${id} a name that differs from its current one; omit organization_name to join it`;
  return { organization_id: id, role, organization_name: checked.value };
}
