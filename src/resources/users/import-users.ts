// Accounts from elsewhere, in batches of one transaction each. A row that breaks a rule is refused with its reason and the
// others go on; an account whose email is here already is left alone, so that an import can be run again.

import { roles } from '../../model/actor.ts';
import { fold, type Stored } from '../../model/kind.ts';
import type { Row } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import { isKnownHash } from '../../security/hash-formats.ts';
import { maxPasswordLength } from '../../security/password-policy.ts';
import type { PasswordHasher } from '../../security/passwords.ts';
import type { Membership, Session, Store } from '../../store/store.ts';
import type { Clock } from '../call.ts';
import { users } from './users.ts';

/** One account as it was given: attributes as in documents, and besides `id`, `password`, `password_hash`, `memberships`. */
export interface ImportedRecord {
  /** Where it stands in its file, from 1. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ImportCounts {
  rows: number;
  created: number;
  existing: number;
  refused: number;
}

export interface ImportOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly passwords: PasswordHasher;
  /** Whose members all become that have no other. */
  readonly organizationId: number | null;
  readonly onRefused: (line: number, reason: string) => void;
  /** Called after each batch, with the last line that is done. */
  readonly onBatch: (counts: ImportCounts, line: number) => void;
}

interface Account {
  readonly line: number;
  readonly row: Row;
  readonly password: string | null;
  readonly passwordHash: string | null;
  readonly memberships: readonly Omit<NamedMembership, 'user_id'>[];
}

interface NamedMembership extends Membership {
  /** An organization that does not exist is made, where its name is given. */
  readonly organization_name?: string | undefined;
}

const batchSize = 500;

export async function importUsers(
  records: AsyncIterable<ImportedRecord>,
  options: ImportOptions,
): Promise<ImportCounts> {
  const counts: ImportCounts = { rows: 0, created: 0, existing: 0, refused: 0 };
  const known = new Set((await options.store.read.organizations.list()).map(({ id }) => id));
  let batch: ImportedRecord[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    await importBatch(batch, options, known, counts);
    options.onBatch(counts, batch.at(-1)!.line);
    batch = [];
  };
  for await (const record of records) {
    batch.push(record);
    if (batch.length === batchSize) await flush();
  }
  await flush();
  return counts;
}

async function importBatch(
  batch: readonly ImportedRecord[],
  options: ImportOptions,
  knownOrganizations: Set<number>,
  counts: ImportCounts,
): Promise<void> {
  const { store, clock, passwords, onRefused } = options;
  const refuse = (line: number, reason: string) => {
    counts.refused++;
    onRefused(line, reason);
  };
  counts.rows += batch.length;
  const accounts: Account[] = [];
  for (const { line, fields } of batch) {
    const read = readAccount(line, fields, options, knownOrganizations);
    if ('reasons' in read) refuse(line, read.reasons.join(', '));
    else {
      accounts.push(read);
      for (const { organization_id } of read.memberships) knownOrganizations.add(organization_id);
    }
  }
  const hashes = await Promise.all(
    accounts.map(({ password, passwordHash }) =>
      password === null ? passwordHash : passwords.run((hashing) => hashing.hash(password)),
    ),
  );
  const now = clock();
  const ids = await store.write(async (session) => {
    const made = await insertAccounts(session, accounts, now);
    const inserted = accounts.flatMap((account, i) => (made[i] == null ? [] : [{ account, i, id: made[i] }]));
    await addMemberships(session, inserted, now);
    const stored = inserted.flatMap(({ i, id }) => (hashes[i] ? [{ userId: id, hash: hashes[i] }] : []));
    await session.passwords.setMany(stored, now);
    return made;
  });
  for (const [i, { line, row }] of accounts.entries()) {
    if (ids[i] !== null) counts.created++;
    else if ((await store.read.users.findBy('email_key', fold(row.email as string))) !== null)
      counts.existing++;
    else refuse(line, 'id has already been taken');
  }
}

/** Rows with an id of their own and rows without go separately, as all rows of one insert have the same columns. */
async function insertAccounts(
  session: Session,
  accounts: readonly Account[],
  now: number,
): Promise<(number | null)[]> {
  for (const { memberships } of accounts) {
    for (const { organization_id, organization_name } of memberships) {
      if (organization_name !== undefined && (await session.organizations.find(organization_id)) === null)
        await session.organizations.create(organization_name, now, organization_id);
    }
  }
  const ids: (number | null)[] = accounts.map(() => null);
  for (const withId of [true, false]) {
    const group = accounts.flatMap((account, i) =>
      (account.row.id !== undefined) === withId ? [{ account, i }] : [],
    );
    const made = await session.users.insertMany(
      group.map(({ account }) => ({ ...account.row, updated_at: account.row.updated_at ?? now })),
    );
    for (const [n, { i }] of group.entries()) ids[i] = made[n]!;
  }
  return ids;
}

async function addMemberships(
  session: Session,
  inserted: readonly { account: Account; id: number }[],
  now: number,
): Promise<void> {
  const memberships = inserted.flatMap(({ account, id }) =>
    account.memberships.map(({ organization_id, role }) => ({ organization_id, user_id: id, role })),
  );
  await session.memberships.setMany(memberships, now);
}

function readAccount(
  line: number,
  fields: ImportedRecord['fields'],
  { zone, organizationId }: ImportOptions,
  knownOrganizations: ReadonlySet<number>,
): Account | { reasons: readonly string[] } {
  const reasons: string[] = [];
  const row: Record<string, Stored> = {};
  const { id, password = null, password_hash: hash = null, memberships: given, ...attributes } = fields;
  if (id !== undefined && id !== null) {
    const number = Number(id);
    if (Number.isSafeInteger(number) && number > 0) row.id = number;
    else reasons.push('id is not valid');
  }
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = users.attributes[name];
    if (attribute === undefined || name.startsWith('__')) reasons.push(`${name} is not a known attribute`);
    else if (!users.columns.includes(name) || value === null) continue;
    else {
      const checked = attribute.kind.check(value, zone);
      if ('violations' in checked) reasons.push(...checked.violations.map((rule) => `${name} ${rule}`));
      else row[name] = checked.value;
    }
  }
  for (const [name, attribute] of Object.entries(users.attributes)) {
    if (attribute.required && (attributes[name] ?? null) === null) reasons.push(`${name} can't be blank`);
  }
  if (password !== null && !isPassword(password)) reasons.push('password is not valid');
  if (hash !== null && (typeof hash !== 'string' || !isKnownHash(hash)))
    reasons.push('password_hash is of no known format');

  const memberships = readMemberships(given, row, organizationId, reasons);
  for (const { organization_id, organization_name } of memberships) {
    if (!knownOrganizations.has(organization_id) && organization_name === undefined)
      reasons.push(`organization ${organization_id} does not exist`);
  }
  if (reasons.length > 0) return { reasons };
  return { line, row, password: password as string | null, passwordHash: hash as string | null, memberships };
}

function isPassword(value: unknown): boolean {
  return (
    typeof value === 'string' && value !== '' && value.isWellFormed() && value.length <= maxPasswordLength
  );
}

/** Those that are given; the default organization is one of them, and where there is none, the import's own. */
function readMemberships(
  given: unknown,
  row: Record<string, Stored>,
  organizationId: number | null,
  reasons: string[],
): Account['memberships'] {
  const memberships = new Map<number, Omit<NamedMembership, 'user_id'>>();
  for (const item of Array.isArray(given) ? given : []) {
    const {
      organization_id: id,
      role = 'member',
      organization_name: name,
    } = (item ?? {}) as Record<string, unknown>;
    if (!Number.isSafeInteger(id) || !(roles as readonly unknown[]).includes(role)) {
      reasons.push('memberships is not a list of organization_id and role');
      break;
    }
    const organizationName = typeof name === 'string' ? name : undefined;
    const membership = { organization_id: id as number, role: role as Membership['role'] };
    memberships.set(id as number, { ...membership, organization_name: organizationName });
  }
  if (given !== undefined && given !== null && !Array.isArray(given))
    reasons.push('memberships is not a list');
  if ((row.default_organization_id ?? null) === null) {
    const first = memberships.keys().next().value ?? organizationId;
    if (first !== null) row.default_organization_id = first;
  }
  const byDefault = row.default_organization_id;
  if (typeof byDefault === 'number' && !memberships.has(byDefault))
    memberships.set(byDefault, { organization_id: byDefault, role: 'member' });
  return [...memberships.values()];
}
