// The first start: where there is no sysadmin yet, one organization and one sysadmin who can do everything.

import { type Config, ConfigError } from '../../config.ts';
import type { ErrorObject } from '../../errors.ts';
import { powers, system } from '../../model/actor.ts';
import { zone } from '../../model/zone.ts';
import type { Clock } from '../../resources/operation.ts';
import { prepareCreation } from '../../resources/operations/create.ts';
import { recordChange } from '../../resources/operations/record-change.ts';
import { createToken } from '../../resources/sessions/create-token.ts';
import { userRules } from '../../resources/users/user-rules.ts';
import { users } from '../../resources/users/users.ts';
import { passwordHasher } from '../../security/passwords.ts';
import { generatePassword, generateToken } from '../../security/tokens.ts';
import { UniqueViolation } from '../../store/errors.ts';
import type { Store, Transaction } from '../../store/store.ts';

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
    minPasswordLength: config.minPasswordLength,
  };
  const author = { actor: system, origin: () => null, baseUrl: () => config.publicUrl };
  const { wanted, violations, finish } = await prepareCreation(userRules, services, author, attributes);
  if (violations.length > 0) throw new ConfigError(violations.map(refusedSetting).join('\n'));
  const insert = await finish();
  const email = wanted.email!;

  const write = async (transaction: Transaction): Promise<boolean> => {
    await transaction.administrators.hold();
    // Another process that started at the same time came first.
    if (await transaction.administrators.anySysadmin()) return false;
    const now = clock();
    const organization = await transaction.organizations.create('Organization', now);
    const userId = await insert(transaction, { ...wanted, default_organization_id: organization.id }, now);
    const after = (await transaction.records(users).find(userId))!;
    recordChange(transaction, author, users, { verb: 'create', before: null, after });
    await createToken(transaction, { userId, kind: 'api', name: 'first token', expiresAt: null, token }, now);
    return true;
  };
  const made = await store.write(write).catch((error) => {
    throw refused(error, email);
  });
  if (!made) return null;
  return {
    email,
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

/** Of the attributes, the settings give these two. */
function refusedSetting({ source, detail }: ErrorObject): string {
  return `MUSTER_BOOTSTRAP_${source.pointer!.split('/').at(-1)!.toUpperCase()} ${detail}`;
}
