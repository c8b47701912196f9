// Checks one account of an import file, and converts it to what is stored.

import { givenId } from '../../model/id.ts';
import type { Stored } from '../../model/kind.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import type { Row } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import { looksLikeHash } from '../../security/hash-formats/looks-like-hash.ts';
import { defaultHashRules, examineHash, type HashRules } from '../../security/hash-formats.ts';
import { type PasswordPolicy, passwordViolation, unusablePassword } from '../../security/password-policy.ts';
import { isOutdated } from '../../security/passwords.ts';
import type { ExternalId, Origin } from '../../store/origins.ts';
import type { NewRecord } from '../../store/store.ts';
import {
  type ImportedMembership,
  inTheFuture,
  isAhead,
  readMemberships,
  shownName,
} from './read-imported-memberships.ts';
import { readOrigin } from './read-origin.ts';
import { consentTime } from './user-changes.ts';
import { users } from './users.ts';

export interface ImportRules {
  readonly passwordPolicy: PasswordPolicy;
  /** By default `defaultHashRules`. */
  readonly hashRules?: HashRules;
  /** Of the service; may be empty. */
  readonly publicUrl: string;
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
  /** Equal for addresses of one mailbox. */
  readonly emailKey: string;
  readonly password: string | null;
  readonly passwordHash: string | null;
  /** Of the hash, if another system made it. */
  readonly passwordFormat: string | null;
  readonly memberships: readonly ImportedMembership[];
  /** The default organization, if it is named by its id in another system; the row has none then. */
  readonly defaultOrigin: ExternalId | null;
  /** Null if the file does not say where it has come from. */
  readonly origin: Origin | null;
}

/**
 * @param fields attributes as in documents, and `id`, `password`, `password_hash`, `memberships`, `organization_role`,
 *   `origin`
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
  for (const name of ['created_at', 'updated_at'])
    if (isAhead(row[name], now)) reasons.push(`${name} ${inTheFuture}`);
  if (Number(row.created_at) > Number(row.updated_at)) reasons.push('created_at is later than updated_at');
  const hash = await readPassword(fields, rules, row, reasons);
  const origin = readOrigin(fields.get('origin'), reasons);
  const source = origin?.source ?? null;
  const joined = readMemberships(fields, { ...rules, organizations, source, row, reasons, now });
  if (reasons.length > 0) return { reasons };
  const values = row as ImportedRow;
  const times = timesOf(values, joined.memberships, now);
  const emailKey = mailboxKey(values.email!);
  return {
    row: { ...values, ...times, ...consentTime(null, values, now) },
    emailKey,
    ...hash,
    ...joined,
    origin,
  };
}

/** If the file does not say when the account was created, it is the earliest time that the file has. */
function timesOf(
  { created_at, updated_at }: ImportedRow,
  memberships: readonly ImportedMembership[],
  now: number,
): { created_at: number; updated_at: number } {
  const created =
    created_at ?? Math.min(updated_at ?? now, ...memberships.map((membership) => membership.created_at));
  return { created_at: created, updated_at: updated_at ?? Math.max(now, created) };
}

const notAttributes = ['id', 'password', 'password_hash', 'memberships', 'organization_role', 'origin'];

const required = Object.entries(users.attributes).flatMap(([name, attribute]) =>
  attribute.required ? [name] : [],
);

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
  for (const name of required)
    if ((fields.get(name) ?? null) === null) reasons.push(`${name} can't be blank`);
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

async function readPassword(
  fields: ReadonlyMap<string, unknown>,
  rules: ImportRules,
  row: Row,
  reasons: string[],
): Promise<Pick<ImportedAccount, 'password' | 'passwordHash' | 'passwordFormat'>> {
  const password = fields.get('password') ?? null;
  const passwordHash = fields.get('password_hash') ?? null;
  if (password !== null && passwordHash !== null)
    reasons.push('password and password_hash cannot both be given');
  if (typeof password === 'string' && looksLikeHash(password))
    reasons.push('password looks like a hash: use password_hash for hashes');
  else if (password !== null) {
    const rule = rules.anyPassword
      ? unusablePassword(password)
      : await passwordViolation(password, row, rules.passwordPolicy, rules.publicUrl);
    if (rule !== undefined) reasons.push(`password ${rule}`);
  }
  let passwordFormat: string | null = null;
  if (passwordHash !== null) {
    const examined = examine(passwordHash, rules.hashRules ?? defaultHashRules);
    if ('problem' in examined) reasons.push(`password_hash ${examined.problem}`);
    else if (isOutdated(passwordHash as string)) passwordFormat = examined.format;
  }
  return { password: password as string | null, passwordHash: passwordHash as string | null, passwordFormat };
}

function examine(hash: unknown, rules: HashRules): ReturnType<typeof examineHash> {
  return typeof hash === 'string' ? examineHash(hash, rules) : { problem: 'is not a string' };
}
