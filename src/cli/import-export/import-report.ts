// `muster import-report`: how many people with a password of another system have come, by the format of its hashes.

import { ownPrefix } from '../../security/passwords.ts';
import type { Store } from '../../store/store.ts';
import { type OutputOptions, printRows } from '../print.ts';

export async function importReportCommand(store: Store, options: OutputOptions): Promise<void> {
  const formats = await store.read.passwords.imported(ownPrefix);
  printRows(
    formats.map(({ format, imported, foreign }) => ({
      format: format ?? (options.json ? null : '(imported by an older version)'),
      imported,
      // Or somebody has set a new password for them.
      signed_in: imported - foreign,
      still_foreign: foreign,
    })),
    options,
  );
}
