// The names of columns and members that an import knows, and how names of files are compared with them.

import { users } from '../../resources/users/users.ts';
import { defusedColumn } from './defused-cells.ts';

/** Holds the reasons of refused rows in a file of `--rejects`. An import ignores it. */
export const reasonsColumn = 'refused_because';

/** Columns that say something about a row, and have no values of users. */
const aboutRows: readonly string[] = [reasonsColumn, defusedColumn];

/** What a row may have beside the attributes of users. */
const others = ['id', 'password', 'password_hash', 'memberships', 'organization_role', 'origin'];

export const requiredColumns = Object.entries(users.attributes)
  .filter(([, { required }]) => required)
  .map(([name]) => name);

const known = new Map(
  [...Object.keys(users.attributes), ...others, ...aboutRows].map((name) => [foldName(name), name]),
);

/** Only letters and digits count, in any case: First Name, first-name, FIRST_NAME and firstName are one name. */
export function foldName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '');
}

/** Muster's own name for a name of a file; undefined if there is none. */
export function knownColumn(name: string): string | undefined {
  return known.get(foldName(name));
}

/** Names that are far from ours in their letters, but mean the same. */
const meanings: Readonly<Record<string, string>> = {
  name: 'first_name last_name',
  fullname: 'first_name last_name',
  displayname: 'first_name last_name',
  givenname: 'first_name',
  forename: 'first_name',
  vorname: 'first_name',
  ime: 'first_name',
  surname: 'last_name',
  familyname: 'last_name',
  nachname: 'last_name',
  familienname: 'last_name',
  prezime: 'last_name',
  mail: 'email',
  passwort: 'password',
  passwordhash: 'password_hash',
  language: 'locale',
  sprache: 'locale',
};

/** The target of `--map` that a name most likely means; undefined if none is near. */
export function nearestColumn(name: string): string | undefined {
  const folded = foldName(name);
  if (Object.hasOwn(meanings, folded)) return meanings[folded];
  // An address is no name: the file has no header line.
  if (name.includes('@')) return undefined;
  if (folded.includes('mail')) return 'email';
  const near = [...known]
    .filter(([, own]) => !aboutRows.includes(own))
    .map(([other, own]) => ({ own, far: distance(folded, other), length: other.length }))
    .filter(({ far, length }) => far <= Math.min(3, Math.floor(length / 3)));
  return near.sort((one, other) => one.far - other.far)[0]?.own;
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length]!;
}
