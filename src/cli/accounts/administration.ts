// What an operator is told where nobody can administer.

import type { Logger } from 'pino';
import type { Store } from '../../store/store.ts';

export const nobodyAdministersText =
  'nobody can administer: a sysadmin is needed who has all three powers, no end of access, and a password or an API ' +
  'token that does not expire. Mend one with `muster users update` and `muster users set-password`, as docs/recovery.md shows';

/** After the start has made sure that there is a sysadmin. */
export async function warnIfNobodyAdministers(log: Logger, store: Store): Promise<void> {
  if (!(await store.read.administrators.any())) log.warn(nobodyAdministersText);
}
