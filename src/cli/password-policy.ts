// The rules for new passwords on the command line, and whether their source of breached passwords works.

import { type Config, ConfigError, givenName } from '../config.ts';
import { BreachSourceError } from '../security/breach-source-error.ts';
import { breachSource, noBreaches } from '../security/breached-passwords.ts';
import { type PasswordPolicy, passwordPolicy } from '../security/password-policy.ts';
import type { Finding } from './maintenance/findings.ts';

/** Tells the user what the service writes to its log. */
export function commandPolicy(config: Config): PasswordPolicy {
  const onUnknown = (reason: string) =>
    void process.stderr.write(
      `muster: warning: ${givenName(config, 'breachedPasswords')} ${reason}; the new password was not looked up\n`,
    );
  return passwordPolicy(config, { onResult: () => {}, onUnknown });
}

const isFile = ({ breachedPasswords }: Config) => breachedPasswords.startsWith('file:');

/**
 * Looks up in a file, but asks no range server: it is somebody else's, and an import has many thousands of passwords.
 * @throws ConfigError if the file does not work
 */
export async function importPolicy(config: Config): Promise<PasswordPolicy> {
  if (!isFile(config)) return { minPasswordLength: config.minPasswordLength, breached: noBreaches };
  await requireBreachFile(config);
  return commandPolicy(config);
}

/**
 * Before the service starts. A range server is not asked: the service starts while it is down.
 * @throws ConfigError
 */
export async function requireBreachFile(config: Config): Promise<void> {
  const reason = isFile(config) ? await brokenSource(config) : null;
  if (reason !== null) throw new ConfigError(`${givenName(config, 'breachedPasswords')} ${reason}`);
}

/** For `muster check`. An error if the service does not start with it. */
export async function breachFindings(config: Config): Promise<Finding[]> {
  const reason = await brokenSource(config);
  if (reason === null) return [];
  const subject = givenName(config, isFile(config) ? 'breachedPasswords' : 'breachedPasswordsUrl');
  return isFile(config)
    ? [{ level: 'error', subject, finding: reason }]
    : [{ level: 'warning', subject, finding: `${reason}; new passwords are not looked up` }];
}

async function brokenSource(config: Config): Promise<string | null> {
  try {
    await breachSource(config)?.check();
    return null;
  } catch (error) {
    if (!(error instanceof BreachSourceError)) throw error;
    return error.message;
  }
}
