// What an import knows of another system, to read its own export as it is. Each system is one file, see systems.ts.

import type { HashSecrets } from '../../../security/hash-formats/foreign-hash.ts';
import type { AccountReader } from '../account-reader.ts';
import type { Head } from '../files/csv-records.ts';
import type { ImportFormat } from '../files/file-format.ts';
import type { HashConfig } from '../hash-config.ts';

/** `tsv` is CSV, and `ndjson` is JSON. */
export type SystemFormat = Exclude<ImportFormat, 'tsv' | 'ndjson'>;

export interface System {
  /** For messages. */
  readonly title: string;
  readonly formats: readonly SystemFormat[];
  /**
   * The names of the columns, or of the members of each object, without which a file is not from this system: such a file
   * is refused before the first row. In JSON, only the first object is looked at. Of a list of names, one is enough.
   */
  readonly requires: Partial<Readonly<Record<SystemFormat, readonly (string | readonly string[])[]>>>;
  /**
   * JSON: the members that lead to the list of accounts, if it is inside an object. If there are several paths, the first in
   * the file counts. A file that is a list, or has an object on each line, is read too.
   */
  readonly paths?: readonly (readonly string[])[];
  /** CSV without a header line. A header line with these names is accepted too. */
  readonly head?: Head;
  /** CSV with tabs is written as by mysql and COPY, see tab-record.ts. */
  readonly escapesTabs?: true;
  /** Whether it needs `--hash-config`. */
  readonly takesHashConfig?: true;
  /** @throws CommandError if an option does not fit */
  reader(options: SystemOptions): AccountReader | Promise<AccountReader>;
}

export interface SystemOptions {
  /** Time of the import, in milliseconds since 1970: the end of access of an account whose lock has no time of its own. */
  readonly now: number;
  /** Null without `--hash-config`. */
  readonly hashConfig: HashConfig | null;
  /** Secrets of other systems in the settings; empty text where they are not set. Null before the settings are read. */
  readonly hashSecrets: HashSecrets | null;
}
