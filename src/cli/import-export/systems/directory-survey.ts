// What the accounts of a directory refer to, found in a first pass: organizations, groups, and whether locks end.

import type { LdifRecord, LdifValue } from '../files/ldif.ts';
import { type DirectoryEntry, directoryEntry } from './directory-entry.ts';
import { nameKey, namePath } from './distinguished-name.ts';

interface Place {
  /** The nearest one above it; null if there is none. */
  readonly organization: { readonly id: string; readonly name: string } | null;
  /** Names of the groups that list it, or its user name. */
  readonly groups: readonly string[];
}

export interface DirectorySurvey {
  /** What an entry belongs to. */
  placeOf(dn: string, userNames: readonly string[]): Place;
  /** Whether the password policies of the directory end a lock after some time. */
  readonly locksEnd: boolean;
}

export const groupClasses = [
  'groupOfNames',
  'groupOfMembers',
  'groupOfUniqueNames',
  'groupOfURLs',
  'posixGroup',
  'group',
] as const;

const classesOfInterest = new Set(
  ['organization', 'pwdPolicy', ...groupClasses].map((name) => name.toLowerCase()),
);

/** Of Active Directory, OpenLDAP, FreeIPA and 389 Directory Server; else null. */
export function externalIdOf(entry: DirectoryEntry): string | null {
  const bytes = entry.bytes('objectGUID');
  if (bytes?.length === 16) return guidOf(bytes);
  const [id] = ['entryUUID', 'ipaUniqueID', 'nsUniqueId'].flatMap((name) => entry.texts(name));
  return id ?? null;
}

/** The first three numbers have their last byte first. */
function guidOf(bytes: Buffer): string {
  const [a, b, c] = [bytes.readUInt32LE(0), bytes.readUInt16LE(4), bytes.readUInt16LE(6)];
  const hex = `${hexOf(a, 8)}${hexOf(b, 4)}${hexOf(c, 4)}${bytes.toString('hex', 8)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const hexOf = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

/** Whether accounts may refer to the entry. Most entries are persons. */
export function isOfInterest(values: ReadonlyMap<string, readonly LdifValue[]>): boolean {
  for (const [name, several] of values)
    if (name.toLowerCase() === 'objectclass')
      return several.some((value) => classesOfInterest.has(String(value).trim().toLowerCase()));
  return false;
}

export async function surveyDirectory(records: AsyncIterable<LdifRecord>): Promise<DirectorySurvey> {
  const organizations = new Map<string, { readonly id: string; readonly name: string }>();
  const byMember = new Map<string, string[]>();
  const byUserName = new Map<string, string[]>();
  const lockSeconds: number[] = [];
  const add = (map: Map<string, string[]>, key: string, group: string) => {
    const groups = map.get(key);
    if (groups === undefined) map.set(key, [group]);
    else if (!groups.includes(group)) groups.push(group);
  };
  for await (const record of records) {
    if ('problem' in record || record.dn === null) continue;
    const { dn, values } = record;
    if (!isOfInterest(values)) continue;
    const entry = directoryEntry(dn, values);
    if (entry.isA('pwdPolicy')) lockSeconds.push(Number(entry.texts('pwdLockoutDuration')[0] ?? 0));
    if (entry.isA('organization'))
      organizations.set(nameKey(dn), {
        id: externalIdOf(entry) ?? dn,
        name: entry.texts('o')[0] ?? dn,
      });
    if (!entry.isA(...groupClasses)) continue;
    const group = entry.texts('cn')[0] ?? dn;
    for (const name of ['member', 'uniqueMember'])
      for (const member of entry.texts(name)) add(byMember, nameKey(member), group);
    for (const user of entry.texts('memberUid')) add(byUserName, user.toLowerCase(), group);
  }
  return {
    placeOf(dn, userNames) {
      const [own = '', ...above] = namePath(dn);
      const organization =
        above.map((key) => organizations.get(key)).find((one) => one !== undefined) ?? null;
      const named = userNames.flatMap((name) => byUserName.get(name.toLowerCase()) ?? []);
      return { organization, groups: [...new Set([...(byMember.get(own) ?? []), ...named])] };
    },
    locksEnd: lockSeconds.length > 0 && lockSeconds.every((seconds) => seconds > 0),
  };
}
