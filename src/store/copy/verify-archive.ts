// Verifies an archive before anything of it is used: its files, their checksums, and the version of its format.

import { hash } from 'node:crypto';
import type { Table } from '../sql/tables.ts';
import {
  ArchiveProblem,
  type Manifest,
  manifestName,
  readManifest,
  readmeName,
  sumsName,
} from './archive-manifest.ts';
import { archivedColumns, isArchived } from './archived-columns.ts';
import type { ArchiveFile } from './write-archive.ts';

/** 10 million events have about a thousand files. */
const maxFiles = 200_000;

interface Found {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * @param tables all tables of this version
 * @throws ArchiveProblem, and the errors of `files`
 */
export async function verifyArchive(
  files: AsyncIterable<ArchiveFile>,
  tables: readonly Table[],
): Promise<Manifest> {
  const found = new Map<string, Found>();
  const texts = new Map<string, string>();
  for await (const { name, content } of files) {
    if (found.has(name)) throw new ArchiveProblem(`it contains ${shown(name)} twice`);
    if (found.size === maxFiles) throw new ArchiveProblem(`it contains more than ${maxFiles} files`);
    found.set(name, { bytes: content.length, sha256: hash('sha256', content, 'hex') });
    if (name === manifestName || name === sumsName) texts.set(name, content.toString());
  }
  const [text, sums] = [texts.get(manifestName), texts.get(sumsName)];
  if (text === undefined || sums === undefined)
    throw new ArchiveProblem(
      `it is not an archive of \`muster export\`, or it is not whole: it has no ${text === undefined ? manifestName : sumsName}`,
    );
  verifySums(sums, found);
  const manifest = readManifest(text);
  verifyFiles(manifest, found);
  verifyTables(manifest, tables);
  return manifest;
}

function verifySums(text: string, found: ReadonlyMap<string, Found>): void {
  const listed = new Set<string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    // As sha256sum writes them; the asterisk marks a file that was read as binary.
    const [, sha256, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (name === undefined) throw new ArchiveProblem(`its ${sumsName} is not valid`);
    const file = found.get(name);
    if (file === undefined) throw new ArchiveProblem(`it is not whole: ${shown(name)} is missing`);
    if (file.sha256 !== sha256)
      throw new ArchiveProblem(`${shown(name)} is damaged: it does not have the checksum in ${sumsName}`);
    listed.add(name);
  }
  const extra = [...found.keys()].find((name) => name !== sumsName && !listed.has(name));
  if (extra !== undefined) throw new ArchiveProblem(`${shown(extra)} is not listed in ${sumsName}`);
}

/** The files of rows are exactly those of the manifest, in its order. */
function verifyFiles({ tables }: Manifest, found: ReadonlyMap<string, Found>): void {
  const listed = tables.flatMap(({ files }) => files);
  for (const { name, bytes, sha256 } of listed) {
    const file = found.get(name);
    if (file === undefined) throw new ArchiveProblem(`it is not whole: ${shown(name)} is missing`);
    if (file.sha256 !== sha256 || file.bytes !== bytes)
      throw new ArchiveProblem(`${shown(name)} is not the file that ${manifestName} describes`);
  }
  const others = [manifestName, sumsName, readmeName];
  const names = [...found.keys()].filter((name) => !others.includes(name));
  const wrong = names.find((name, i) => name !== listed[i]?.name);
  if (wrong !== undefined) throw new ArchiveProblem(`${shown(wrong)} is not where ${manifestName} lists it`);
}

/** @throws ArchiveProblem if the manifest has tables or columns that this version does not have */
function verifyTables(manifest: Manifest, tables: readonly Table[]): void {
  const newer = (what: string) =>
    new ArchiveProblem(
      `it is of another version of Muster (${manifest.muster_version}), which has ${what}; this version does not`,
    );
  const names = new Set<string>();
  for (const { name, columns, rows, files } of manifest.tables) {
    if (names.has(name)) throw new ArchiveProblem(`its ${manifestName} has the table ${shown(name)} twice`);
    names.add(name);
    const table = tables.find((one) => one.name === name);
    if (table === undefined || !isArchived(table)) throw newer(`the table ${shown(name)}`);
    const known = archivedColumns(table);
    for (const [column, { type }] of Object.entries(columns))
      if (!Object.hasOwn(known, column) || known[column]!.type !== type)
        throw newer(`the column ${shown(`${name}.${column}`)} with the type ${shown(type)}`);
    const absent = table.move.key.find((column) => !Object.hasOwn(columns, column));
    if (absent !== undefined) throw new ArchiveProblem(`${name} lacks the column ${absent}`);
    if (files.reduce((sum, file) => sum + file.rows, 0) !== rows)
      throw new ArchiveProblem(`its ${manifestName} counts other rows for ${name} than its files have`);
  }
}

/** A name from an archive, which may be anything. */
function shown(name: string): string {
  return /^[\w./-]{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
}
