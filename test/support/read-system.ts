// Reads files of other systems as `users import --from` does, without a database.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importFormatOf } from '../../src/cli/import-export/files/file-format.ts';
import { fromSystem } from '../../src/cli/import-export/from-system.ts';
import type { SystemName } from '../../src/cli/import-export/systems/systems.ts';
import { noHashSecrets } from '../../src/security/hash-formats/foreign-hash.ts';
import { readAccounts } from './read-file.ts';

const folder = join(import.meta.dirname, '../fixtures/moving-in');

export const fixturePath = (name: string) => join(folder, name);

/** A file in the form of another system. */
export const fixture = (name: string) => readFileSync(fixturePath(name), 'utf8');

/**
 * What is read of each record: its fields, or why it is refused or skipped. The time of the import is `now`.
 * @param scratch a folder for the file
 * @param hashConfig the file of --hash-config
 */
export async function readSystem(
  scratch: string,
  system: SystemName,
  name: string,
  text: string | Buffer = fixture(name),
  hashSecrets = noHashSecrets,
  hashConfig?: string,
): Promise<any[]> {
  const from = await fromSystem(system, importFormatOf(name), hashConfig, hashSecrets);
  const read = await readAccounts(scratch, name, text, from);
  return read.map(([, account]: readonly [number, any]) => {
    const age = Date.now() - Date.parse(account.account_access_expires_at);
    return age >= 0 && age < 60_000 ? { ...account, account_access_expires_at: 'now' } : account;
  });
}
