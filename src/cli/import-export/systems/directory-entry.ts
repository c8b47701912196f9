// One entry of a directory, with the names of its attributes in any case.

import type { LdifValue } from '../files/ldif.ts';

export interface DirectoryEntry {
  readonly dn: string;
  /** All values that are text, without spaces around them. */
  texts(name: string): readonly string[];
  bytes(name: string): Buffer | null;
  /** Whether it has one of these object classes. */
  isA(...classes: readonly string[]): boolean;
  /** Its attributes by the names that are given here, else as in the file: text, or a list of it. Bytes are left out. */
  members(names: readonly string[]): Record<string, string | readonly string[]>;
}

interface Attribute {
  /** As in the file. */
  readonly name: string;
  readonly texts: readonly string[];
  readonly first: LdifValue | undefined;
}

export function directoryEntry(
  dn: string,
  values: ReadonlyMap<string, readonly LdifValue[]>,
): DirectoryEntry {
  const attributes = new Map<string, Attribute>();
  for (const [given, several] of values) {
    // Active Directory splits a long list: member;range=0-1499.
    const name = given.replace(/;range=.*$/i, '');
    const known = name.toLowerCase();
    const texts = several.flatMap(textsOf);
    const before = attributes.get(known);
    if (before === undefined) attributes.set(known, { name, texts, first: several[0] });
    else attributes.set(known, { ...before, texts: [...before.texts, ...texts] });
  }
  const texts = (name: string) => attributes.get(name.toLowerCase())?.texts ?? [];
  const classes = new Set(texts('objectClass').map((one) => one.toLowerCase()));
  return {
    dn,
    texts,
    bytes(name) {
      const value = attributes.get(name.toLowerCase())?.first;
      return typeof value === 'string' ? Buffer.from(value) : value instanceof Buffer ? value : null;
    },
    isA: (...names) => names.some((name) => classes.has(name.toLowerCase())),
    members(names) {
      const given = new Map(names.map((name) => [name.toLowerCase(), name]));
      const members: Record<string, string | readonly string[]> = {};
      for (const [known, { name, texts: all }] of attributes)
        if (all.length > 0) members[given.get(known) ?? name] = all.length === 1 ? all[0]! : all;
      return members;
    },
  };
}

/** Nothing if it is empty, or bytes. */
function textsOf(value: LdifValue): readonly string[] {
  const text = typeof value === 'string' ? value.trim() : value instanceof URL ? value.href : '';
  return text === '' ? [] : [text];
}
