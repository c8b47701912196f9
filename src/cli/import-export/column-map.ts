// The option --map of `users import`, which names columns of a file: "E-Mail=email,Name=first_name last_name".

import { InvalidArgumentError } from 'commander';
import { foldName, knownColumn } from './column-names.ts';
import { csvRecord } from './files/csv.ts';

/** A column of the file with the whole name of a person. */
export const wholeName = 'first_name last_name';

/** What to do with the columns of a file, by their folded names: our name, `wholeName`, or null to drop it. */
export type ColumnMap = ReadonlyMap<string, { readonly source: string; readonly target: string | null }>;

/**
 * @param text pairs, separated by commas; one with a comma is quoted as in CSV
 * @param before the pairs of earlier --map options
 */
export function parseColumnMap(text: string, before: ColumnMap = new Map()): ColumnMap {
  const record = csvRecord(',');
  if (record.take(text) !== 'complete') throw new InvalidArgumentError('has a quote that is not closed');
  const map = new Map(before);
  for (const pair of record.cells) {
    const at = pair.lastIndexOf('=');
    const [source, target] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at === -1 || source === '')
      throw new InvalidArgumentError(`must consist of pairs such as "E-Mail=email": ${pair}`);
    const isWhole = target.split(/\s+/).map(knownColumn).join(' ') === wholeName;
    const own = target === '' ? null : isWhole ? wholeName : knownColumn(target);
    if (own === undefined) throw new InvalidArgumentError(`${target} is not a known attribute`);
    if (map.has(foldName(source))) throw new InvalidArgumentError(`${source} is given twice`);
    map.set(foldName(source), { source, target: own });
  }
  return map;
}

/** A name, split at its last space; a single word stands for both. */
export function splitName(name: string): { first_name: string; last_name: string } {
  const words = name.trim().split(/\s+(?=\S+$)/);
  return { first_name: words[0]!, last_name: words.at(-1)! };
}

/** The name of an account, such as ann.lee: split like a name, else at its last dot, else underscore, else hyphen. */
export function splitUserName(name: string): { first_name: string; last_name: string } {
  const text = name.trim();
  const places = /\s/.test(text) ? [] : ['.', '_', '-'].map((one) => text.lastIndexOf(one));
  const at = places.find((place) => place > 0 && place < text.length - 1);
  return at === undefined
    ? splitName(text)
    : { first_name: text.slice(0, at), last_name: text.slice(at + 1) };
}
