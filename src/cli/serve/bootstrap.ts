// The first start: if there is no sysadmin, creates an organization and a sysadmin with all powers.

import { type Config, ConfigError, givenName } from '../../config.ts';
import type { ErrorObject } from '../../errors.ts';
import { powers, system } from '../../model/actor.ts';
import { zone } from '../../model/zone.ts';
import { openMail } from '../../open-mail.ts';
import type { Clock } from '../../resources/operation.ts';
import { prepareCreation } from '../../resources/operations/create.ts';
import { recordChange } from '../../resources/operations/record-change.ts';
import { foundOrganization } from '../../resources/organizations/insert-organization.ts';
import { createSession } from '../../resources/sessions/create-session.ts';
import { userRules } from '../../resources/users/user-rules.ts';
import { users } from '../../resources/users/users.ts';
import type { BreachWatch } from '../../security/breached-passwords.ts';
import { passwordPolicy } from '../../security/password-policy.ts';
import { passwordHasher } from '../../security/passwords.ts';
import { sessionLimits } from '../../security/session-limits.ts';
import { generatePassword, generateToken } from '../../security/tokens.ts';
import { UniqueViolation } from '../../store/errors.ts';
import type { Store, Transaction } from '../../store/store.ts';

export interface FirstAccount {
  readonly email: string;
  /** Null if the settings have a password, which is then not printed. The same for the token. */
  readonly password: string | null;
  readonly token: string | null;
}

/**
 * @returns null if there already is a sysadmin
 * @throws ConfigError if the email, password or token in the settings is not valid
 */
export async function bootstrap(
  config: Config,
  store: Store,
  clock: Clock,
  watch: BreachWatch = { onResult() {}, onUnknown() {} },
): Promise<FirstAccount | null> {
  if (await store.read.administrators.anySysadmin()) return null;
  const password = config.bootstrapPassword || generatePassword(config.minPasswordLength);
  const token = config.bootstrapToken || generateToken();
  const attributes = {
    first_name: 'First',
    last_name: 'Sysadmin',
    email: config.bootstrapEmail || 'admin@example.com',
    sysadmin: true,
    sysadmin_permissions: powers,
    password,
    role: 'owner',
  };
  const services = {
    zone: zone(config.timeZone),
    passwords: passwordHasher(1),
    passwordPolicy: passwordPolicy(config, watch),
    mail: openMail(config),
    invitationDays: config.invitationDays,
  };
  const author = { actor: system, origin: () => null, baseUrl: () => config.publicUrl };
  const { wanted, violations, finish } = await prepareCreation(userRules, services, author, attributes);
  if (violations.length > 0)
    throw new ConfigError(violations.map((error) => refusedSetting(config, error)).join('\n'));
  const insert = await finish();
  const email = wanted.email!;

  const write = async (transaction: Transaction): Promise<boolean> => {
    await transaction.administrators.hold();
    // Another process started at the same time and was faster.
    if (await transaction.administrators.anySysadmin()) return false;
    const now = clock();
    const organizationId = await foundOrganization(transaction, author, { name: 'Organization' }, now);
    const values = { ...wanted, default_organization_id: organizationId };
    const userId = await insert(transaction, author, values, now);
    const after = (await transaction.records(users).find(userId))!;
    recordChange(transaction, author, users, { verb: 'create', before: null, after });
    const first = { user_id: userId, machine: true, name: 'first token', token };
    await createSession(transaction, author, first, { limits: sessionLimits(config), now });
    return true;
  };
  const created = await store.write(write).catch((error) => {
    throw refused(error, config, email);
  });
  if (!created) return null;
  return {
    email,
    password: config.bootstrapPassword === '' ? password : null,
    token: config.bootstrapToken === '' ? token : null,
  };
}

/** An account that was imported before the first start may have the same email or token as the first account. */
function refused(error: unknown, config: Config, email: string): unknown {
  if (!(error instanceof UniqueViolation)) return error;
  const message =
    error.column === 'email_key'
      ? `${givenName(config, 'bootstrapEmail')}, ${email}, is the email of an account that is not a sysadmin. Set another email, or make ` +
        'that account a sysadmin (see docs/recovery.md)'
      : `${givenName(config, 'bootstrapToken')} is the token of an account that is not a sysadmin. Set another token`;
  return new ConfigError(message, { cause: error });
}

/** Of the attributes of the first account, only these two are settings that may break a rule. */
function refusedSetting(config: Config, { source, detail }: ErrorObject): string {
  const setting = source.pointer!.endsWith('/email') ? 'bootstrapEmail' : 'bootstrapPassword';
  return `${givenName(config, setting)} ${detail}`;
}
