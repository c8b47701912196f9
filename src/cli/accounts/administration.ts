// The warning if no sysadmin can administer the service.

import type { Logger } from 'pino';
import type { Store } from '../../store/store.ts';

export const nobodyAdministersText =
  'nobody can administer: there must be a sysadmin with all three powers, no end of access, and a password or an API ' +
  'token that does not expire. Use `muster users update` and `muster users set-password` (see docs/recovery.md)';

/** Call it after the bootstrap, which creates a sysadmin if there is none. */
export async function warnIfNobodyAdministers(log: Logger, store: Store): Promise<void> {
  if (!(await store.read.administrators.any())) log.warn(nobodyAdministersText);
}
