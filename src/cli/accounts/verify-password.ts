// `muster users verify`: whether a password is the right one, for example after an import. It is no sign-in: nothing is
// counted, and the hash stays as it is.

import type { Config } from '../../config.ts';
import { hashRules } from '../../hash-settings.ts';
import { examineHash } from '../../security/hash-formats.ts';
import { isOutdated } from '../../security/passwords.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printRecord } from '../print.ts';
import { userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';
import { passwordFromStandardInput } from './read-password.ts';

/** The exit status is 1 if the password is wrong. */
export async function verifyPasswordCommand(
  store: Store,
  config: Config,
  user: string,
  options: OutputOptions,
): Promise<void> {
  const { id, email } = await userOf(store.read, user);
  const stored = await store.read.passwords.find(id);
  if (stored === null) throw new CommandError(`User ${user} has no password`);
  const format = formatOf(stored, config);
  const password = await passwordFromStandardInput();
  const { passwords } = operatorOf(store, config).services;
  const isRight = await passwords.run('signed_in', (hashing) => hashing.verify(stored, password));
  printRecord({ id, email, format, password: isRight ? 'right' : 'wrong' }, options);
  if (!isRight) process.exitCode = 1;
}

/** @throws CommandError if no password can be checked, for example because a secret is not set */
function formatOf(stored: string, config: Config): string {
  if (!isOutdated(stored)) return 'muster';
  const examined = examineHash(stored, { ...hashRules(config), maxHashSeconds: Number.POSITIVE_INFINITY });
  if ('problem' in examined) throw new CommandError(`The password hash of this user ${examined.problem}`);
  return examined.format;
}
