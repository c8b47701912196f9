// The formats of the files that `users import` reads, and which one a file has by its name.

import { accessSync, constants, statSync } from 'node:fs';
import { reasonOfFile } from '../../../platform/private-files.ts';
import { CommandError } from '../../print.ts';

/** `tsv` is CSV with tabs; `ndjson` is another name of `json`. `ldif` is only read with `--from`. */
export const importFormats = ['csv', 'tsv', 'json', 'ndjson', 'ldif'] as const;
export type ImportFormat = (typeof importFormats)[number];

const endings: Readonly<Record<string, ImportFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  ldif: 'ldif',
  // As ldifde of Active Directory names it.
  ldf: 'ldif',
};

/** Files that no format fits, and what to do with them. */
const otherFiles: readonly (readonly [endings: readonly string[], advice: string])[] = [
  [['gz', 'zip', 'zst', 'xz', 'bz2', '7z'], 'is compressed by its name: unpack it first'],
  [['xlsx', 'xls', 'ods', 'numbers'], 'is a spreadsheet by its name: save it as CSV'],
  [['sql', 'dump'], 'is a dump of a database by its name: export the table as CSV or JSON'],
];

/**
 * The format that the ending of the name tells, in any case. Nothing is guessed from what is in the file.
 * @param file a path, or - for standard input
 * @throws CommandError if the name does not tell it
 */
export function importFormatOf(file: string): ImportFormat {
  const ending = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  if (Object.hasOwn(endings, ending)) return endings[ending]!;
  if (/\.(?:tar\.gz|tgz)$/i.test(file))
    throw new CommandError(
      `${file} is an archive by its name: \`muster import\` reads archives of \`muster export\``,
    );
  const advice = otherFiles.find(([endings]) => endings.includes(ending))?.[1];
  if (advice !== undefined) throw new CommandError(`${file} ${advice}`);
  const why =
    file === '-'
      ? 'standard input has no name that tells its format'
      : `the name of ${file} does not tell its format: it does not end with ${Object.keys(endings)
          .map((one) => `.${one}`)
          .join(', ')}`;
  throw new CommandError(`${why}. Add --format csv, --format tsv or --format json`);
}

/** @throws CommandError if the file cannot be read */
export function sizeOf(file: string): number {
  try {
    accessSync(file, constants.R_OK);
    const found = statSync(file);
    if (found.isDirectory()) throw new CommandError(`${file} cannot be read: it is a folder`);
    return found.size;
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(`${file} cannot be read: ${reasonOfFile(cause)}`, { cause });
  }
}
