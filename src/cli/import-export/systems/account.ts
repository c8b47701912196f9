// One account of another system, in the names that an import knows. Rules that hold for all systems are here.

import type { Kind } from '../../../model/kind.ts';
import { zone } from '../../../model/zone.ts';
import { users } from '../../../resources/users/users.ts';
import type { ReadAccount } from '../account-reader.ts';
import { splitName, splitUserName } from '../column-map.ts';
import type { GivenValues } from './given-values.ts';

export interface Account {
  /** The name of the system. */
  readonly source: string;
  /** Id of the account in the system; null if the file has none. */
  readonly externalId: string | null;
  /** Null is refused. */
  readonly email: string | null;
  /** Null if the file does not say it. */
  readonly emailVerified: boolean | null;
  readonly names: GivenNames;
  readonly passwordHash?: string | null;
  readonly password?: string | null;
  /** ISO 8601. */
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
  /** ISO 8601: the end of access of an account that is locked; null if it is not. */
  readonly lockedAt?: string | null;
  readonly memberships?: readonly GivenMembership[];
  /** In the organization of `--organization`. */
  readonly organizationRole?: 'owner' | 'admin' | 'member';
  /** Names of the values that these attributes have in the file. A value that is not valid stays in the details. */
  readonly optional?: Partial<Readonly<Record<'avatar_url' | 'locale' | 'time_zone', string>>>;
  /** What has not been taken becomes the details. */
  readonly values: GivenValues;
  /** Further details. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Null where the file does not have it. */
export interface GivenNames {
  readonly given: string | null;
  readonly family: string | null;
  /** One name of a person. */
  readonly whole?: string | null;
  readonly userName?: string | null;
}

/** As in `memberships` of an import; the organization is one of the same system. */
export interface GivenMembership {
  readonly organization_external_id: string;
  readonly organization_name: string;
  readonly role?: 'owner' | 'admin' | 'member';
  readonly created_at?: string | null;
}

const utc = zone('UTC');

export function readAccount(account: Account): ReadAccount {
  const { source, externalId, email, emailVerified, createdAt, updatedAt, values } = account;
  const { optional, invalid } = readOptional(account);
  const fields = {
    email,
    ...personNames(account.names, email),
    password: account.password,
    password_hash: account.passwordHash,
    created_at: createdAt,
    // Some systems write both times by different clocks.
    updated_at: createdAt != null && updatedAt != null && updatedAt < createdAt ? createdAt : updatedAt,
    account_access_expires_at: account.lockedAt,
    memberships: account.memberships,
    organization_role: account.organizationRole,
    ...optional,
    origin: {
      source,
      external_id: externalId,
      email_verified: emailVerified,
      details: { ...values.rest(), ...invalid, ...account.details },
    },
  };
  return { fields: new Map(Object.entries(fields).filter(([, value]) => value != null)) };
}

/** The attributes that are valid, and the other values by their names in the file. */
function readOptional({ optional = {}, values }: Account) {
  const valid: Record<string, string> = {};
  const invalid: Record<string, string> = {};
  for (const [attribute, name] of Object.entries(optional)) {
    const text = values.text(name);
    if (text === null) continue;
    const { kind } = users.attributes[attribute as keyof typeof optional] as { readonly kind: Kind };
    if ('violations' in kind.check(text, utc)) invalid[name] = text;
    else valid[attribute] = text;
  }
  return { optional: valid, invalid };
}

/** The name of the person, else of the account, else the part of the address before the @. */
function personNames({ given, family, whole = null, userName = null }: GivenNames, email: string | null) {
  // Some systems write the address if they have no name.
  const name = whole?.includes('@') ? null : whole;
  if (given !== null || family !== null) {
    const other = name === null ? null : splitName(name);
    return {
      first_name: given ?? other?.first_name ?? family,
      last_name: family ?? other?.last_name ?? given,
    };
  }
  if (name !== null) return splitName(name);
  const account = (userName ?? email)?.replace(/@.*$/, '').replace(/\+.*$/, '');
  return account === undefined || account === '' ? {} : splitUserName(account);
}
