// The commands for users. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import type { Attributes } from '../../jsonapi/read-document.ts';
import { operator, powers, type Role } from '../../model/actor.ts';
import { isSameMailbox } from '../../model/mailbox.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { createRecord } from '../../resources/operations/create.ts';
import { deleteRecord } from '../../resources/operations/delete.ts';
import { updateRecord } from '../../resources/operations/update.ts';
import type { WriteServices } from '../../resources/operations/write-rules.ts';
import { undoHours } from '../../resources/users/tell-old-address.ts';
import { userRules } from '../../resources/users/user-rules.ts';
import { type User, users } from '../../resources/users/users.ts';
import { generatePassword } from '../../security/tokens.ts';
import type { Store } from '../../store/store.ts';
import { originText } from '../import-export/account-layout.ts';
import { CommandError, JsonText, type OutputOptions, printRecord, printRows, Time } from '../print.ts';
import { readGivenAttributes } from './given-attributes.ts';
import { organizationOf, userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';
import { printRecords } from './print-records.ts';
import { passwordFromStandardInput } from './read-password.ts';
import { shownAttributes } from './shown-attributes.ts';

export interface NewUser {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly organization?: string;
  readonly role: Role;
  readonly sysadmin?: boolean;
  /** Attributes without an option here, as `attribute=value`, as in `updateUserCommand`. */
  readonly set?: readonly string[];
}

export async function createUserCommand(
  store: Store,
  config: Config,
  input: NewUser,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const { email, firstName, lastName, organization, role, sysadmin, set = [] } = input;
  const organizationId =
    organization === undefined ? null : (await organizationOf(store.read, organization)).id;
  const given = input.passwordStdin ? await passwordFromStandardInput() : input.password;
  const password = given ?? generatePassword(config.minPasswordLength);
  const byOption: Attributes = {
    email,
    first_name: firstName,
    last_name: lastName,
    ...(organizationId !== null && { default_organization_id: organizationId }),
    ...(sysadmin && { sysadmin: true, sysadmin_permissions: powers }),
  };
  const attributes = { ...byOption, ...otherAttributes(set, byOption), password, role };
  const user = await createRecord(userRules, services, writer, attributes);
  const generated = given === undefined && {
    password,
    note: `To let the user choose a password instead: muster users send-reset ${user.id}`,
  };
  printRecord({ id: user.id, email: user.email, ...generated }, output);
}

/**
 * @param byOption attributes that options of their own give
 * @throws CommandError if `set` contains one of them, or what is no attribute, such as `password`
 */
function otherAttributes(set: readonly string[], byOption: Attributes): Attributes {
  const given = readGivenAttributes(users, set);
  const optional = userRules.creation!.extra(operator).find((name) => Object.hasOwn(given, name));
  if (optional !== undefined) throw new CommandError(`${optional} is not an attribute: use --${optional}`);
  const twice = Object.keys(given).find((name) => Object.hasOwn(byOption, name));
  if (twice !== undefined) throw new CommandError(`${twice} is given twice: by its own option and by --set`);
  return given;
}

function summary(user: User, timeZone: Zone) {
  const { id, email, first_name, last_name, default_organization_id, sysadmin, created_at } = user;
  const createdAt = new Time(created_at, timeZone);
  return { id, email, first_name, last_name, default_organization_id, sysadmin, created_at: createdAt };
}

export async function listUsersCommand(
  store: Store,
  config: Config,
  limit: number,
  output: OutputOptions,
): Promise<void> {
  const timeZone = zone(config.timeZone);
  const summaryOf = (user: User) => summary(user, timeZone);
  await printRecords(store, users, { filter: null, limit, what: 'accounts', summaryOf }, output);
}

export async function showUserCommand(
  store: Store,
  config: Config,
  user: string,
  output: OutputOptions,
): Promise<void> {
  const found = await userOf(store.read, user);
  const origin = (await store.read.origins.listOf([found.id])).get(found.id);
  printRecord(
    {
      ...shownAttributes(users, found, zone(config.timeZone)),
      origin: origin === undefined ? null : new JsonText(originText(origin)),
    },
    output,
  );
}

/** Prints the accounts that have come from another system with this id. */
export async function findUserCommand(
  store: Store,
  config: Config,
  { externalId, source }: { readonly externalId: string; readonly source?: string },
  output: OutputOptions,
): Promise<void> {
  const ids = await store.read.origins.usersWith(externalId, source ?? null);
  if (ids.length === 0)
    throw new CommandError(
      `There is no user with the id ${externalId} in ${source === undefined ? 'another system' : source}`,
    );
  const origins = await store.read.origins.listOf(ids);
  const found = await store.read.records(users).findMany(ids);
  const timeZone = zone(config.timeZone);
  printRows(
    found.map((user) => ({ ...summary(user, timeZone), source: origins.get(user.id)!.source })),
    output,
  );
}

/**
 * Changes attributes that at least some caller may write.
 * @param changes `attribute=value`, with the value as in a CSV cell
 */
export async function updateUserCommand(
  store: Store,
  config: Config,
  user: string,
  changes: readonly string[],
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const attributes = readGivenAttributes(users, changes);
  const { id, email } = await userOf(store.read, user);
  const changed = await updateRecord(userRules, services, writer, id, attributes);
  const isMoved = !isSameMailbox(email, changed.email);
  printRecord(
    { ...summary(changed, services.zone), ...(isMoved && { note: noteOfOldAddress(email, services) }) },
    output,
  );
}

function noteOfOldAddress(email: string, { mail }: Pick<WriteServices, 'mail'>): string {
  const told = `${email} is told, by a mail whose link undoes the change for ${undoHours} hours`;
  const notes = {
    smtp: told,
    mailbox: `${told}; without SMTP it is in the development mailbox`,
    off: `${email} is not told, because mail is off without MUSTER_LINK_SECRET`,
  };
  return notes[mail.mode];
}

export async function deleteUserCommand(
  store: Store,
  config: Config,
  user: string,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const { id } = await userOf(store.read, user);
  await deleteRecord(userRules, services, writer, id);
  printRecord({ id, deleted: true }, output);
}
