// The option --from of `users import`: reads the export of another system as it is.

import type { HashSecrets } from '../../security/hash-formats/foreign-hash.ts';
import { CommandError } from '../print.ts';
import type { AccountReader } from './account-reader.ts';
import { foldName, reasonsColumn } from './column-names.ts';
import type { ImportFormat } from './files/file-format.ts';
import type { SourceOptions } from './files/read-records.ts';
import { readHashConfig } from './hash-config.ts';
import { recognizedSystem } from './systems/recognized-system.ts';
import type { System, SystemFormat } from './systems/system.ts';
import { type SystemName, systems } from './systems/systems.ts';

/**
 * @param hashConfig a file, see hash-config.ts
 * @param hashSecrets null before the settings are read
 * @throws CommandError if the system has no files of the format, or the option does not fit
 */
export async function fromSystem(
  name: SystemName,
  given: ImportFormat,
  hashConfig: string | undefined,
  hashSecrets: HashSecrets | null,
): Promise<Pick<SourceOptions, 'reader' | 'paths' | 'csvForm'>> {
  const system = await systems[name]();
  const format = given === 'tsv' ? 'csv' : given === 'ndjson' ? 'json' : given;
  if (!system.formats.includes(format))
    throw new CommandError(
      `${system.title} is imported from ${system.formats.map((one) => one.toUpperCase()).join(' or ')}, not from ${format.toUpperCase()}`,
    );
  if (hashConfig !== undefined && system.takesHashConfig !== true)
    throw new CommandError(`--hash-config is not for ${system.title}`);
  const reader = await system.reader({
    now: Date.now(),
    hashConfig: hashConfig === undefined ? null : readHashConfig(hashConfig),
    hashSecrets,
  });
  return { reader: checked(name, system, reader), paths: system.paths, csvForm: system };
}

/**
 * Refuses a file of another system before its first row, and drops the reasons in a file of --rejects.
 * @throws CommandError from `columns` and from the first `object`
 */
function checked(own: SystemName, system: System, reader: AccountReader): AccountReader {
  let isFirst = true;

  function requireNames(format: SystemFormat, names: readonly string[], place: string): void {
    const has = new Set(names.map(foldName));
    const missing = (system.requires[format] ?? [])
      .map((name) => (typeof name === 'string' ? [name] : name))
      .filter((oneOf) => !oneOf.some((name) => has.has(foldName(name))));
    const other = recognizedSystem(names);
    const isOther = other !== null && other !== own;
    if (missing.length === 0 && !isOther) return;
    const why = missing.length > 0 ? `lacks ${missing.map((oneOf) => oneOf.join(' or ')).join(', ')}` : null;
    const looks = isOther ? `looks like an export for --from ${other}` : null;
    throw new CommandError(
      `The file does not come from ${system.title}: ${place} ${[why, looks].filter((one) => one !== null).join(', and ')}`,
    );
  }

  return {
    ...reader,
    ...(reader.columns !== undefined && {
      columns(names, line) {
        requireNames('csv', names, `line ${line}, the header line,`);
        const twice = names.find((name, i) => name !== '' && names.indexOf(name) < i);
        if (twice !== undefined)
          throw new CommandError(`line ${line}: the header line contains the column ${twice} twice`);
        // Columns without a name are left out.
        return reader.columns!(
          names.map((name) => (name === reasonsColumn ? '' : name)),
          line,
        );
      },
    }),
    ...(reader.object !== undefined && {
      object(members) {
        if (isFirst && !Object.hasOwn(members, reasonsColumn))
          requireNames('json', Object.keys(members), 'its first object');
        isFirst = false;
        const { [reasonsColumn]: _, ...own } = members;
        return reader.object!(own);
      },
    }),
  };
}
