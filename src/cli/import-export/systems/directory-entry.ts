// One entry of a directory, with the names of its attributes in any case.

import type { LdifValue } from '../ldif.ts';

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

export function directoryEntry(
  dn: string,
  values: ReadonlyMap<string, readonly LdifValue[]>,
): DirectoryEntry {
  const byName = new Map<string, readonly LdifValue[]>();
  const spelling = new Map<string, string>();
  for (const [name, several] of values) {
    // Active Directory splits a long list: member;range=0-1499.
    const known = name.replace(/;range=.*$/i, '').toLowerCase();
    const before = byName.get(known);
    byName.set(known, before === undefined ? several : [...before, ...several]);
    if (before === undefined) spelling.set(known, name.replace(/;range=.*$/i, ''));
  }
  const texts = (name: string) =>
    (byName.get(name.toLowerCase()) ?? []).flatMap((value) => {
      const text = typeof value === 'string' ? value.trim() : value instanceof URL ? value.href : '';
      return text === '' ? [] : [text];
    });
  const classes = new Set(texts('objectClass').map((one) => one.toLowerCase()));
  return {
    dn,
    texts,
    bytes(name) {
      const value = byName.get(name.toLowerCase())?.[0];
      return typeof value === 'string' ? Buffer.from(value) : value instanceof Buffer ? value : null;
    },
    isA: (...names) => names.some((name) => classes.has(name.toLowerCase())),
    members(names) {
      const given = new Map(names.map((name) => [name.toLowerCase(), name]));
      return Object.fromEntries(
        [...spelling].flatMap(([known, name]) => {
          const all = texts(known);
          return all.length === 0 ? [] : [[given.get(known) ?? name, all.length === 1 ? all[0]! : all]];
        }),
      );
    },
  };
}
