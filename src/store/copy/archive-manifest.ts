// The manifest of an archive: what it contains, in which files, with which checksums.

import type { Column, Columns } from '../sql/tables.ts';

export const manifestName = 'manifest.json';
export const sumsName = 'SHA256SUMS';
export const readmeName = 'README.txt';

const format = 'muster-archive';
const formatVersion = 1;

export interface Manifest {
  readonly format: string;
  readonly format_version: number;
  /** The version of Muster that has written it. */
  readonly muster_version: string;
  readonly created_at: string;
  /** Each comes after those that it refers to. */
  readonly tables: readonly ManifestTable[];
  /** Why other tables are not in the archive. */
  readonly left_out: Readonly<Record<string, string>>;
}

export interface ManifestTable {
  readonly name: string;
  readonly rows: number;
  /** The last id that was given, also if its row was deleted; null if the table gives none. */
  readonly last_id: number | null;
  readonly columns: Columns;
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** An archive cannot be imported. The message says why. */
export class ArchiveProblem extends Error {}

export function manifestText(contents: Omit<Manifest, 'format' | 'format_version'>): string {
  const manifest: Manifest = { format, format_version: formatVersion, ...contents };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** @throws ArchiveProblem if it is not a manifest of this format and version */
export function readManifest(text: string): Manifest {
  const manifest = objectIn(text);
  if (manifest.format !== format) throw new ArchiveProblem(`its ${manifestName} is of another program`);
  const { format_version: given, muster_version: madeBy } = manifest;
  if (typeof given === 'number' && given > formatVersion)
    throw new ArchiveProblem(
      `it is of a newer version of Muster (${String(madeBy).slice(0, 40)}): its format is ${given}, and this version reads ${formatVersion}`,
    );
  if (!isManifest(manifest)) throw new ArchiveProblem(`its ${manifestName} is not valid`);
  return manifest;
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Answered below.
  }
  throw new ArchiveProblem(`its ${manifestName} is not a JSON object`);
}

function isManifest(
  value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & Manifest {
  const { format_version: given, tables, left_out: leftOut } = value;
  return given === formatVersion && isObject(leftOut) && Array.isArray(tables) && tables.every(isTable);
}

function isTable(value: unknown): value is ManifestTable {
  if (!isObject(value)) return false;
  const { name, rows, last_id: lastId, columns, files } = value;
  return (
    typeof name === 'string' &&
    isCount(rows) &&
    (lastId === null || isCount(lastId)) &&
    isObject(columns) &&
    Object.values(columns).every(isColumn) &&
    Array.isArray(files) &&
    files.every(isFile)
  );
}

function isColumn(value: unknown): value is Column {
  return isObject(value) && typeof value.type === 'string';
}

function isFile(value: unknown): value is ManifestFile {
  if (!isObject(value)) return false;
  const { name, rows, bytes, sha256 } = value;
  return typeof name === 'string' && isCount(rows) && isCount(bytes) && typeof sha256 === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
