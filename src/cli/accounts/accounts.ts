// The commands on users. They work on the database, whether a server runs or not.

import type { Config } from '../../config.ts';
import type { ErrorObject } from '../../errors.ts';
import { readAttributes } from '../../jsonapi/read-document.ts';
import { operator, powers, type Role } from '../../model/actor.ts';
import { everyAudience } from '../../model/audience.ts';
import { readCell } from '../../model/cell.ts';
import { JsonError } from '../../model/json.ts';
import type { Kind, Stored } from '../../model/kind.ts';
import { timestamp } from '../../model/kinds.ts';
import type { Row } from '../../model/resource.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { insertUser } from '../../resources/users/create-user.ts';
import { refuseToDeleteLast } from '../../resources/users/last-sysadmin.ts';
import { decideUpdate } from '../../resources/users/user-changes.ts';
import { users } from '../../resources/users/users.ts';
import { passwordIdentifiers } from '../../security/password-identifiers.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import { passwordHasher } from '../../security/passwords.ts';
import { generatePassword } from '../../security/tokens.ts';
import { type Store, UniqueViolation } from '../../store/store.ts';
import { pagesOfRows } from '../import-export/pages-of-rows.ts';
import {
  type Cell,
  CommandError,
  JsonText,
  type OutputOptions,
  printCut,
  printPages,
  printRecord,
  Time,
} from '../print.ts';
import { heldUserOf, organizationOf, userOf } from './named-records.ts';
import { passwordFromStandardInput } from './read-password.ts';

const everyone = everyAudience(users);

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
    audience: everyone,
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
    .write((transaction) => insertUser(transaction, row, { now: Date.now(), passwordHash, role: input.role }))
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
  printCut(shown, (await store.read.records(users).state()).rowCount, 'accounts');
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
  const requested = readAttributes(attributes, users, {
    action: 'update',
    audience: everyone,
    zone: zone(config.timeZone),
  });
  const { values, violations } = requested;
  const ignored = Object.keys(attributes).filter(
    (name) =>
      Object.hasOwn(users.attributes, name) &&
      !Object.hasOwn(values, name) &&
      !violations.some(({ source }) => source.pointer?.endsWith(`/${name}`)),
  );
  const updated = await store
    .write(async (transaction) => {
      const current = await heldUserOf(transaction, user);
      const decision = await decideUpdate(transaction, operator, current, requested, Date.now());
      const problems = [
        ...decision.violations.map(problemText),
        ...ignored.map((name) => `${name} is written by the server`),
      ];
      if (problems.length > 0) throw new CommandError(problems.join('\n'));
      if (Object.keys(decision.changes).length > 0)
        await transaction.records(users).update(current.id as number, decision.changes);
      return transaction.records(users).find(current.id as number);
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
  const id = await store.write(async (transaction) => {
    const row = await heldUserOf(transaction, user);
    await refuseToDeleteLast(transaction, row);
    await transaction.records(users).delete(row.id as number);
    return row.id as number;
  });
  printRecord({ id, deleted: true }, output);
}

function problemText({ source, detail }: ErrorObject): string {
  return `${source.pointer?.replace('data/attributes/', '')} ${detail}`;
}
