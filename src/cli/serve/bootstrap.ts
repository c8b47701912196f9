// The first start: where there is no sysadmin yet, one organization and one sysadmin who can do everything.

import { type Config, ConfigError } from '../../config.ts';
import { powers } from '../../model/actor.ts';
import * as kind from '../../model/kinds.ts';
import { zone } from '../../model/zone.ts';
import type { Clock } from '../../resources/operation.ts';
import { insertUser } from '../../resources/users/create-user.ts';
import { passwordIdentifiers } from '../../security/password-identifiers.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import { passwordHasher } from '../../security/passwords.ts';
import { generatePassword, generateToken, hashToken } from '../../security/tokens.ts';
import { type Store, type Transaction, UniqueViolation } from '../../store/store.ts';

export interface FirstAccount {
  readonly email: string;
  /** Null where the operator chose it: what they know is not printed. */
  readonly password: string | null;
  readonly token: string | null;
}

/**
 * @returns null where there is a sysadmin already
 * @throws ConfigError where the settings give an email, a password or a token that the first account cannot have
 */
export async function bootstrap(config: Config, store: Store, clock: Clock): Promise<FirstAccount | null> {
  if (await store.read.administrators.anySysadmin()) return null;
  const password = config.bootstrapPassword || generatePassword(config.minPasswordLength);
  const token = config.bootstrapToken || generateToken();
  const names = { first_name: 'First', last_name: 'Sysadmin' };
  const email = config.bootstrapEmail || 'admin@example.com';
  const account = { ...names, email: await checkCredentials(config, { ...names, email }, password) };
  const passwordHash = await passwordHasher(1).run((hashing) => hashing.hash(password));

  const write = async (transaction: Transaction): Promise<boolean> => {
    await transaction.administrators.hold();
    // Another process that started at the same time came first.
    if (await transaction.administrators.anySysadmin()) return false;
    const now = clock();
    const organization = await transaction.organizations.create('Organization', now);
    const values = {
      ...account,
      default_organization_id: organization.id,
      sysadmin: true,
      sysadmin_permissions: JSON.stringify(powers),
    };
    const userId = await insertUser(transaction, values, { now, passwordHash, role: 'owner' });
    await transaction.tokens.create({
      userId,
      hash: hashToken(token),
      kind: 'api',
      name: 'first token',
      now,
      expiresAt: null,
    });
    return true;
  };
  const made = await store.write(write).catch((error) => {
    throw refused(error, account.email);
  });
  if (!made) return null;
  return {
    email: account.email,
    password: config.bootstrapPassword === '' ? password : null,
    token: config.bootstrapToken === '' ? token : null,
  };
}

/** Accounts that came before the first start, by an import, may have what the first account would have. */
function refused(error: unknown, email: string): unknown {
  if (!(error instanceof UniqueViolation)) return error;
  const message =
    error.column === 'email_key'
      ? `MUSTER_BOOTSTRAP_EMAIL, ${email}, is the address of an account that is no sysadmin: name another address, or ` +
        'make that account a sysadmin, as docs/recovery.md shows'
      : 'MUSTER_BOOTSTRAP_TOKEN is the token of an account that is no sysadmin: choose another';
  return new ConfigError(message, { cause: error });
}

/** @returns the email as it is kept */
async function checkCredentials(
  config: Config,
  account: { readonly email: string },
  password: string,
): Promise<string> {
  const checked = kind.email.check(account.email, zone('UTC'));
  if ('violations' in checked)
    throw new ConfigError(`MUSTER_BOOTSTRAP_EMAIL ${checked.violations.join(', ')}`);
  const rule = await passwordViolation(password, {
    minLength: config.minPasswordLength,
    identifiers: passwordIdentifiers(account, config),
  });
  if (rule !== undefined) throw new ConfigError(`MUSTER_BOOTSTRAP_PASSWORD ${rule}`);
  return checked.value as string;
}
