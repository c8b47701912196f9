// The commands on users, organizations, members and tokens. They work on the database, whether a server runs or not.

import type { Config } from '../config.ts';
import type { ErrorObject } from '../errors.ts';
import { readAttributes } from '../jsonapi/read-document.ts';
import { powers, type Role } from '../model/actor.ts';
import { readCell } from '../model/cell.ts';
import { readId } from '../model/id.ts';
import { JsonError } from '../model/json.ts';
import { fold, type Kind, organizationName, type Stored, timestamp } from '../model/kind.ts';
import { type RelationSet, type Row, relationSet, relations } from '../model/resource.ts';
import { type Zone, zone } from '../model/zone.ts';
import { insertUser } from '../resources/users/create-user.ts';
import { refuseToDeleteLast } from '../resources/users/last-sysadmin.ts';
import { decideUpdate } from '../resources/users/user-changes.ts';
import { users } from '../resources/users/users.ts';
import { passwordIdentifiers } from '../security/password-identifiers.ts';
import { passwordViolation } from '../security/password-policy.ts';
import { passwordHasher } from '../security/passwords.ts';
import { generatePassword, generateToken, hashToken } from '../security/tokens.ts';
import {
  type Organization,
  type ReadSession,
  type Session,
  type Store,
  UniqueViolation,
} from '../store/store.ts';
import { pagesOfRows } from './pages-of-rows.ts';
import {
  type Cell,
  CommandError,
  JsonText,
  type OutputOptions,
  printCut,
  printPages,
  printRecord,
  printRows,
  Time,
  time,
} from './print.ts';
import { passwordFromStandardInput } from './read-password.ts';

const everyRelation: RelationSet = relationSet(...relations);

export interface NewUser {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly organization?: string;
  readonly role: Role;
  readonly sysadmin?: boolean;
}

export async function createUserCommand(
  store: Store,
  config: Config,
  input: NewUser,
  output: OutputOptions,
): Promise<void> {
  const organizationId =
    input.organization === undefined ? null : await organizationOf(store.read, input.organization);
  const attributes = { email: input.email, first_name: input.firstName, last_name: input.lastName };
  const { values, violations } = readAttributes(attributes, users, {
    action: 'create',
    relations: everyRelation,
    zone: zone(config.timeZone),
  });
  const given = input.passwordStdin ? await passwordFromStandardInput() : input.password;
  const password = given ?? generatePassword(config.minPasswordLength);
  const policy = {
    minLength: config.minPasswordLength,
    identifiers: passwordIdentifiers(attributes, config),
  };
  const rule = await passwordViolation(password, policy);
  const problems = violations.map(problemText);
  if (rule !== undefined) problems.push(`password ${rule}`);
  if (problems.length > 0) throw new CommandError(problems.join('\n'));

  const row: Record<string, Stored> = { ...values, default_organization_id: organizationId };
  if (input.sysadmin) Object.assign(row, { sysadmin: true, sysadmin_permissions: JSON.stringify(powers) });
  const passwordHash = await passwordHasher(1).run((hashing) => hashing.hash(password));
  const id = await store
    .write((session) => insertUser(session, row, { now: Date.now(), passwordHash, role: input.role }))
    .catch((error) => {
      throw error instanceof UniqueViolation ? new CommandError('email has already been taken') : error;
    });
  const generated = given === undefined ? { password } : {};
  printRecord({ id, email: input.email, ...generated }, output);
}

function summary(row: Row) {
  return {
    id: row.id!,
    email: row.email!,
    first_name: row.first_name!,
    last_name: row.last_name!,
    default_organization_id: row.default_organization_id!,
    sysadmin: row.sysadmin!,
  };
}

export async function listUsersCommand(store: Store, limit: number, output: OutputOptions): Promise<void> {
  let shown = 0;
  async function* pages() {
    for await (const page of pagesOfRows(store)) {
      const rows = page.slice(0, limit - shown).map(summary);
      shown += rows.length;
      yield rows;
      if (shown === limit) return;
    }
  }
  await printPages(pages(), output);
  printCut(shown, (await store.read.users.state()).rowCount, 'accounts');
}

export async function showUserCommand(
  store: Store,
  config: Config,
  user: string,
  output: OutputOptions,
): Promise<void> {
  const row = await userOf(store.read, user);
  const shown = users.columns.filter((name) => users.attributes[name]!.kind.name !== 'secret');
  const timeZone = zone(config.timeZone);
  const cells = shown.map((name) => [name, cellOf(users.attributes[name]!.kind, row[name]!, timeZone)]);
  printRecord({ id: row.id!, ...Object.fromEntries(cells) }, output);
}

function cellOf(kind: Kind, stored: Stored, timeZone: Zone): Cell {
  if (stored === null) return null;
  if (kind.json) return new JsonText(stored as string);
  return kind === timestamp ? new Time(stored as number, timeZone) : stored;
}

/**
 * Changes any attribute that has a column.
 * @param changes `attribute=value`, the value as in a cell of a table
 */
export async function updateUserCommand(
  store: Store,
  config: Config,
  user: string,
  changes: readonly string[],
  output: OutputOptions,
): Promise<void> {
  const attributes = Object.fromEntries(
    changes.map((change) => {
      const [name = '', ...value] = change.split('=');
      if (value.length === 0)
        throw new CommandError(`${name} has no value: write ${name}=VALUE, or ${name}= to clear it`);
      return [name, readChange(name, value.join('='))];
    }),
  );
  const { values, violations } = readAttributes(attributes, users, {
    action: 'change',
    relations: everyRelation,
    zone: zone(config.timeZone),
  });
  const ignored = Object.keys(attributes).filter(
    (name) => Object.hasOwn(users.attributes, name) && !Object.hasOwn(values, name),
  );
  const problems = [
    ...violations.map(problemText),
    ...ignored
      .filter((name) => !violations.some((v) => v.source.pointer?.endsWith(`/${name}`)))
      .map((name) => `${name} is written by the server`),
  ];
  if (problems.length > 0) throw new CommandError(problems.join('\n'));
  const actor = { userId: 0, tokenId: 0, sysadmin: true, powers };
  const updated = await store
    .write(async (session) => {
      const current = await heldUserOf(session, user);
      const decision = await decideUpdate(session, actor, current, { values, violations: [] }, Date.now());
      if (decision.violations.length > 0)
        throw new CommandError(decision.violations.map(problemText).join('\n'));
      if (Object.keys(decision.changes).length > 0)
        await session.users.update(current.id as number, decision.changes);
      return session.users.find(current.id as number);
    })
    .catch((error) => {
      throw error instanceof UniqueViolation ? new CommandError('email has already been taken') : error;
    });
  printRecord(summary(updated!), output);
}

function readChange(name: string, text: string): unknown {
  if (!Object.hasOwn(users.attributes, name)) return text;
  try {
    return readCell(users.attributes[name]!.kind, text);
  } catch (error) {
    if (error instanceof JsonError) throw new CommandError(`${name} ${error.message}`);
    throw error;
  }
}

export async function deleteUserCommand(store: Store, user: string, output: OutputOptions): Promise<void> {
  const id = await store.write(async (session) => {
    const row = await heldUserOf(session, user);
    await refuseToDeleteLast(session, row);
    await session.users.delete(row.id as number);
    return row.id as number;
  });
  printRecord({ id, deleted: true }, output);
}

function problemText({ source, detail }: ErrorObject): string {
  return `${source.pointer?.replace('data/attributes/', '')} ${detail}`;
}

/** @param user an id or an email */
export async function userOf(session: ReadSession, user: string): Promise<Row> {
  const id = readId(user);
  const row =
    id !== null ? await session.users.find(id) : await session.users.findBy('email_key', fold(user));
  if (row === null) throw new CommandError(`There is no user ${user}`);
  return row;
}

/** Why no credential of the account works, and what mends it; empty where they do. */
export function endOfAccess(user: Row, now: number): string[] {
  const endedAt = user.account_access_expires_at;
  if (typeof endedAt !== 'number' || endedAt > now) return [];
  return [
    `No token and no password of this account works, its access ended at ${new Date(endedAt).toISOString()}: ` +
      `muster users update ${user.id} account_access_expires_at= gives it back`,
  ];
}

/** The same in a transaction, to decide by: nobody else changes the user before it ends. */
async function heldUserOf(session: Session, user: string): Promise<Row> {
  const { id } = await userOf(session, user);
  const row = await session.users.findForUpdate(id as number);
  if (row === null) throw new CommandError(`There is no user ${user}`);
  return row;
}

/** @param organization an id */
async function organizationOf(session: ReadSession, organization: string): Promise<number> {
  const id = readId(organization);
  const found = id === null ? null : await session.organizations.find(id);
  if (found === null) throw new CommandError(`There is no organization ${organization}`);
  return found.id;
}

export async function createOrganizationCommand(
  store: Store,
  config: Config,
  name: string,
  output: OutputOptions,
): Promise<void> {
  const checked = organizationName.check(name, zone('UTC'));
  if ('violations' in checked)
    throw new CommandError(checked.violations.map((rule) => `name ${rule}`).join('\n'));
  const kept = checked.value as string;
  const made = await store.write((session) => session.organizations.create(kept, Date.now()));
  printRecord(organizationRow(made, zone(config.timeZone)), output);
}

export async function listOrganizationsCommand(
  store: Store,
  config: Config,
  output: OutputOptions,
): Promise<void> {
  const timeZone = zone(config.timeZone);
  printRows(
    (await store.read.organizations.list()).map((organization) => organizationRow(organization, timeZone)),
    output,
  );
}

function organizationRow(organization: Organization, timeZone: Zone) {
  return { ...organization, created_at: new Time(organization.created_at, timeZone) };
}

/** @param organization an id; all organizations without one */
export async function listMembersCommand(
  store: Store,
  input: { organization: string | undefined; limit: number },
  output: OutputOptions,
): Promise<void> {
  const { memberships } = store.read;
  const organizationId =
    input.organization === undefined ? null : await organizationOf(store.read, input.organization);
  const members = await memberships.list(organizationId, input.limit);
  printRows(
    members.map((member) => ({ ...member })),
    output,
  );
  printCut(members.length, await memberships.count(organizationId), 'memberships');
}

export async function addMemberCommand(
  store: Store,
  input: { organization: string; user: string; role: Role },
  output: OutputOptions,
): Promise<void> {
  const member = await store.write(async (session) => {
    const organizationId = await organizationOf(session, input.organization);
    const user = await heldUserOf(session, input.user);
    const userId = user.id as number;
    const now = Date.now();
    await session.memberships.set(organizationId, userId, input.role, now);
    if (user.default_organization_id === null)
      await session.users.update(userId, { default_organization_id: organizationId, updated_at: now });
    return { organization_id: organizationId, user_id: userId, role: input.role };
  });
  printRecord(member, output);
}

export async function removeMemberCommand(
  store: Store,
  input: { organization: string; user: string },
  output: OutputOptions,
): Promise<void> {
  const removed = await store.write(async (session) => {
    const organizationId = await organizationOf(session, input.organization);
    const user = await heldUserOf(session, input.user);
    const userId = user.id as number;
    if (!(await session.memberships.remove(organizationId, userId)))
      throw new CommandError(`User ${input.user} is not a member of organization ${input.organization}`);
    // The default is an organization that the user is a member of: the first that is left, or none.
    if (user.default_organization_id === organizationId) {
      const [next = null] = await session.memberships.organizationsOf(userId, ['owner', 'admin', 'member']);
      await session.users.update(userId, { default_organization_id: next, updated_at: Date.now() });
    }
    return { organization_id: organizationId, user_id: userId };
  });
  printRecord(removed, output);
}

export async function createTokenCommand(
  store: Store,
  input: { user: string; name: string; expiresAt?: number; session?: boolean },
  output: OutputOptions,
): Promise<void> {
  const token = generateToken();
  const now = Date.now();
  const created = await store.write(async (session) => {
    const user = await heldUserOf(session, input.user);
    const id = await session.tokens.create({
      userId: user.id as number,
      hash: hashToken(token),
      kind: input.session ? 'session' : 'api',
      name: input.name,
      now,
      expiresAt: input.expiresAt ?? null,
    });
    const notes = [
      ...(input.expiresAt !== undefined && input.expiresAt <= now
        ? [`This token will not work: it ended at ${new Date(input.expiresAt).toISOString()}`]
        : []),
      ...endOfAccess(user, now),
    ];
    const note = notes.length > 0 && { note: notes.join('. ') };
    return { id, user_id: user.id as number, name: input.name, token, ...note };
  });
  printRecord(created, output);
}

export async function listTokensCommand(
  store: Store,
  config: Config,
  user: string | undefined,
  output: OutputOptions,
): Promise<void> {
  const userId = user === undefined ? null : ((await userOf(store.read, user)).id as number);
  const timeZone = zone(config.timeZone);
  printRows(
    (await store.read.tokens.list(userId)).map((token) => ({
      ...token,
      created_at: new Time(token.created_at, timeZone),
      expires_at: time(token.expires_at, timeZone),
    })),
    output,
  );
}

export async function revokeTokenCommand(store: Store, id: string, output: OutputOptions): Promise<void> {
  const tokenId = readId(id);
  const revoked = tokenId !== null && (await store.write((session) => session.tokens.revoke(tokenId)));
  if (!revoked) throw new CommandError(`There is no token ${id}`);
  printRecord({ id: tokenId, revoked: true }, output);
}
