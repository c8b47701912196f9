// Files of accounts, record by record, however large: CSV with a head line, or JSON a line.

import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import { readCell } from '../model/cell.ts';
import { type JsonError, readJson } from '../model/json.ts';
import { anyJson } from '../model/kind.ts';
import type { ImportedRecord } from '../resources/users/import-users.ts';
import { users } from '../resources/users/users.ts';
import { CommandError } from './print.ts';

export type FileFormat = 'csv' | 'ndjson';

export interface Source {
  readonly records: AsyncIterable<ImportedRecord>;
  /** 0 where it is not known. */
  readonly totalBytes: number;
  readBytes(): number;
}

/** @param file a path, or - for standard input */
export function openSource(
  file: string,
  format: FileFormat,
  onBad: (line: number, reason: string) => void,
): Source {
  const totalBytes = file === '-' ? 0 : sizeOf(file);
  let bytes = 0;
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file);
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  return {
    records: format === 'csv' ? csvRecords(stream, onBad) : jsonRecords(stream, onBad),
    totalBytes,
    readBytes: () => bytes,
  };
}

function sizeOf(file: string): number {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).size;
  } catch (cause) {
    throw new CommandError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

export function formatOf(file: string): FileFormat {
  return file.endsWith('.csv') ? 'csv' : 'ndjson';
}

async function* csvRecords(stream: Readable, onBad: (line: number, reason: string) => void) {
  const parser = stream.pipe(
    parse({
      bom: true,
      columns: true,
      info: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip(error) {
        onBad((error as { lines?: number } | undefined)?.lines ?? 0, error?.message ?? 'is not CSV');
        return undefined;
      },
    }),
  );
  stream.on('error', (error) => parser.destroy(error));
  for await (const { record, info } of parser as AsyncIterable<{
    record: Record<string, string>;
    info: Info;
  }>) {
    const fields: Record<string, unknown> = {};
    const problems: string[] = [];
    for (const [name, text] of Object.entries(record)) {
      const kind = users.attributes[name]?.kind;
      if (text === '') continue;
      try {
        fields[name] = kind ? readCell(kind, text) : name === 'memberships' ? readCell(anyJson, text) : text;
      } catch (error) {
        problems.push(`${name} ${(error as JsonError).message}`);
      }
    }
    if (problems.length > 0) onBad(info.lines, problems.join(', '));
    else yield { line: info.lines, fields };
  }
}

async function* jsonRecords(stream: Readable, onBad: (line: number, reason: string) => void) {
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text.trim() === '') continue;
    let fields: unknown;
    try {
      // A document has two levels more around the same attributes.
      fields = readJson(text, 2);
    } catch (error) {
      onBad(line, (error as JsonError).message);
      continue;
    }
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
      onBad(line, 'is not an object');
    else yield { line, fields: fields as Record<string, unknown> };
  }
}
