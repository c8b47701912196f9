// Splits LDIF (RFC 2849) into its records: entries of a directory, or changes of them. A broken record makes only itself
// unreadable. The one library for Node, `ldif`, has a generated parser that needs the whole file in memory, and stops at the
// first error.

import { isUtf8 } from 'node:buffer';
import { type Line, maxRecordBytes, tooLong } from './read-lines.ts';

/** Text, bytes that are not UTF-8, or the address of a file that has the value. */
export type LdifValue = string | Buffer | URL;

export type LdifRecord = {
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Its lines, without comments. */
  readonly text: string;
} & (
  | { readonly problem: string }
  | {
      /** Null if it has none, which only the end of what `ldapsearch` prints may lack. */
      readonly dn: string | null;
      /** `add` is an entry, as `ldifde` of Active Directory writes them; null is an entry too. */
      readonly changeType: string | null;
      /** By their names as they are in the file, without those of the record itself. */
      readonly values: ReadonlyMap<string, readonly LdifValue[]>;
    }
);

/** Names that say what a record is, and are no attributes. */
const ofTheRecord = ['dn', 'changetype', 'control', 'version'];

export async function* readLdif(batches: AsyncIterable<readonly Line[]>): AsyncGenerator<LdifRecord> {
  let lines: Line[] = [];
  let size = 0;
  for await (const batch of batches) {
    for (const line of batch) {
      if ('text' in line && (line.text === '' || line.text === '\r')) {
        yield* recordOf(lines, size);
        lines = [];
        size = 0;
      } else {
        size += 'text' in line ? line.text.length : 0;
        // The first line tells where it is.
        if (size <= maxRecordBytes || lines.length === 0) lines.push(line);
      }
    }
  }
  yield* recordOf(lines, size);
}

/** Nothing if there are only comments, or the version. */
function* recordOf(lines: readonly Line[], size: number): Generator<LdifRecord> {
  const parts = unfolded(lines);
  const line = parts[0]?.number;
  if (line === undefined) return;
  if (size > maxRecordBytes) yield { line, text: '', problem: tooLong };
  else {
    const text = parts.map((part) => part.lines.join('\n')).join('\n');
    const read = readParts(parts);
    if ('problem' in read || read.dn !== null || read.values.size > 0) yield { line, text, ...read };
  }
}

interface Part {
  readonly number: number;
  /** As they are in the file. */
  readonly lines: string[];
  text: string;
  problem?: string;
}

/** A line that begins with a space continues the one before it. */
function unfolded(lines: readonly Line[]): Part[] {
  const parts: Part[] = [];
  for (const line of lines) {
    const text = 'text' in line ? line.text.replace(/\r$/, '') : '';
    const before = parts.at(-1);
    if (text.startsWith(' ') && before !== undefined) {
      before.text += text.slice(1);
      before.lines.push(text);
    } else parts.push({ number: line.number, lines: [text], text });
    if ('problem' in line) parts.at(-1)!.problem ??= line.problem;
  }
  return parts.filter(({ text }) => !text.startsWith('#'));
}

function readParts(parts: readonly Part[]) {
  const values = new Map<string, LdifValue[]>();
  const own = new Map<string, LdifValue>();
  for (const { number, text, problem } of parts) {
    if (problem !== undefined) return { problem: `has a line ${number} that ${problem}` };
    const [, name, mark, rest] = /^([A-Za-z0-9][\w.;=*-]*):([:<]?) *(.*)$/s.exec(text) ?? [];
    // It separates the changes of one attribute from those of the next.
    if (name === undefined && text === '-') continue;
    if (name === undefined)
      return { problem: `has a line ${number} that is not a name, a colon and a value` };
    const value = decodeValue(mark!, rest!);
    if (value === null) return { problem: `has a line ${number} that is not valid base64` };
    const known = name.toLowerCase();
    if (known === 'dn' && own.has(known)) return { problem: `needs an empty line before line ${number}` };
    if (ofTheRecord.includes(known)) own.set(known, value);
    else if (values.has(name)) values.get(name)!.push(value);
    else values.set(name, [value]);
  }
  const textOf = (name: string) => {
    const value = own.get(name);
    return typeof value === 'string' ? value.trimEnd() : null;
  };
  return { dn: textOf('dn'), changeType: textOf('changetype')?.toLowerCase() ?? null, values };
}

/** Null if it cannot be decoded. */
function decodeValue(mark: string, rest: string): LdifValue | null {
  if (mark === '<') return URL.parse(rest.trim()) ?? rest;
  if (mark === '') return rest;
  const base64 = rest.trim();
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? bytes.toString() : bytes;
}
