// `muster users unlock`: ends the delays after failed sign-ins and wrong passwords.

import type { Config } from '../../config.ts';
import { unlockUser } from '../../resources/users/unlock.ts';
import type { Store } from '../../store/store.ts';
import { type OutputOptions, printRecord } from '../print.ts';
import { userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';

export async function unlockCommand(
  store: Store,
  config: Config,
  user: string,
  output: OutputOptions,
): Promise<void> {
  const { writer } = operatorOf(store, config);
  const { id, email } = await unlockUser(writer, (await userOf(store.read, user)).id);
  printRecord({ id, email, unlocked: true }, output);
}
