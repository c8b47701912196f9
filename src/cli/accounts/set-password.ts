// `muster users set-password`: sets a new password, for example if a user has forgotten theirs.

import type { Config } from '../../config.ts';
import { ApiError } from '../../errors.ts';
import { setPassword } from '../../resources/users/set-password.ts';
import { generatePassword } from '../../security/tokens.ts';
import type { Store } from '../../store/store.ts';
import { reasonOfRefusal } from '../endings.ts';
import { CommandError, type OutputOptions, printRecord } from '../print.ts';
import { endOfAccess, userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';
import { type PasswordSource, passwordFromStandardInput, passwordFromTerminal } from './read-password.ts';

export async function setPasswordCommand(
  store: Store,
  config: Config,
  user: string,
  options: OutputOptions & PasswordSource,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const account = await userOf(store.read, user);
  const { id } = account;
  const password = await newPassword(options, config);
  const stored = await setPassword(services, writer, account, password).catch((error) => {
    throw error instanceof ApiError
      ? new CommandError(`${reasonOfRefusal(error)}. Nothing was changed.`)
      : error;
  });
  const { signInsEnded, apiTokensKept } = stored;
  const notes = [
    ...(services.mail.mode === 'off' ? ['No mail told the user of it: MUSTER_LINK_SECRET is not set'] : []),
    ...(apiTokensKept > 0
      ? [`The API tokens of this account remain valid. To list them: muster tokens list --user ${id}`]
      : []),
    ...endOfAccess(account, services.clock()),
  ];
  printRecord(
    {
      id,
      email: account.email,
      ...(options.generate && { password }),
      sign_ins_ended: signInsEnded,
      api_tokens_kept: apiTokensKept,
      ...(notes.length > 0 && { note: notes.join('. ') }),
    },
    options,
  );
}

async function newPassword(source: PasswordSource, config: Config): Promise<string> {
  if (source.passwordStdin) return passwordFromStandardInput();
  return source.generate ? generatePassword(config.minPasswordLength) : passwordFromTerminal();
}
