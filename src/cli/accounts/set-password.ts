// `muster users set-password`: a new password for an account whose owner has lost theirs.

import type { Config } from '../../config.ts';
import type { Row } from '../../model/resource.ts';
import { storePassword } from '../../resources/users/store-password.ts';
import { users } from '../../resources/users/users.ts';
import { passwordIdentifiers } from '../../security/password-identifiers.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import { passwordHasher } from '../../security/passwords.ts';
import { generatePassword } from '../../security/tokens.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printRecord } from '../print.ts';
import { endOfAccess, userOf } from './named-records.ts';
import { type PasswordSource, passwordFromStandardInput, passwordFromTerminal } from './read-password.ts';

export async function setPasswordCommand(
  store: Store,
  config: Config,
  user: string,
  options: OutputOptions & PasswordSource,
): Promise<void> {
  const row = await userOf(store.read, user);
  const password = await newPassword(options, config);
  await requireGoodPassword(password, row, config);
  const hash = await passwordHasher(1).run((hashing) => hashing.hash(password));
  const id = row.id as number;
  const now = Date.now();
  const done = await store.write(async (transaction) => {
    if ((await transaction.records(users).findForUpdate(id)) === null)
      throw new CommandError(`There is no user ${user}`);
    const ended = await storePassword(transaction, id, hash, { now, tokenId: null });
    await transaction.passwords.setAttempts(id, 0, 0);
    const tokens = await transaction.tokens.list(id);
    const apiTokens = tokens.filter(
      ({ kind, expires_at: at }) => kind === 'api' && (at === null || at > now),
    );
    return { sign_ins_ended: ended, api_tokens_kept: apiTokens.length };
  });
  const notes = [
    ...(done.api_tokens_kept > 0 ? [`Its API tokens still work: muster tokens list --user ${id}`] : []),
    ...endOfAccess(row, now),
  ];
  printRecord(
    {
      id,
      email: row.email!,
      ...(options.generate && { password }),
      ...done,
      ...(notes.length > 0 && { note: notes.join('. ') }),
    },
    options,
  );
}

async function newPassword(source: PasswordSource, config: Config): Promise<string> {
  if (source.passwordStdin) return passwordFromStandardInput();
  return source.generate ? generatePassword(config.minPasswordLength) : passwordFromTerminal();
}

/** @throws CommandError */
async function requireGoodPassword(password: string, account: Row, config: Config): Promise<void> {
  const rule = await passwordViolation(password, {
    minLength: config.minPasswordLength,
    identifiers: passwordIdentifiers(account, config),
  });
  if (rule !== undefined) throw new CommandError(`password ${rule}. Nothing was changed.`);
}
