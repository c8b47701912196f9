// Reads files of JSON objects: one on each line (JSON lines), in a list, one after the other over several lines, or in a
// list inside an object.

import { JsonError, readJson, repeatedMember } from '../../../model/json.ts';
import { CommandError } from '../../print.ts';
import type { Members, ReadAccount } from '../account-reader.ts';
import { decode, type Encoding, encodingOf, signatureBytes } from './encoding.ts';
import type { FileRecord } from './file-record.ts';
import { walkMembers } from './json-members.ts';
import { readJsonValues } from './json-values.ts';
import { maxRecordBytes, readLines } from './read-lines.ts';
import { anyElement, isPhpMyAdmin } from './table-json.ts';

/** `lines`: one object on each line. `values`: objects over several lines. `inside`: in a list inside an object. */
export type JsonLayout = 'lines' | 'list' | 'values' | 'inside';

/** The members that lead to a list inside an object, see System. */
export type Paths = readonly (readonly string[])[];

type ReadObject = (members: Members) => ReadAccount;

export interface JsonFile {
  readonly layout: JsonLayout;
  readonly records: AsyncIterable<FileRecord>;
}

/**
 * Finds the layout by the first object, and reads the objects.
 * @param named the encoding of the option --encoding
 * @param name the name of the file, for messages
 * @throws CommandError if the file is not text, or has another encoding than `named`
 */
export async function openJson(
  pieces: AsyncIterable<Buffer>,
  named: Encoding | undefined,
  name: string,
  read: ReadObject,
  paths: Paths = [],
): Promise<JsonFile> {
  const { layout, all, start } = await findLayout(pieces, named, name, paths);
  if (layout === 'lines') return { layout, records: lineRecords(readLines(all, named, name), read) };
  const { encoding, bytes } = structured(all, encodingOf(start, named, name), name);
  const list = layout === 'inside' ? listInside(bytes, paths, name) : bytes;
  return { layout, records: valueRecords(list, encoding, layout !== 'values', read) };
}

/**
 * Reads a whole file for what is around its accounts, see AccountReader.
 * @throws CommandError if an object around them does not end
 */
export async function surveyJson(
  pieces: AsyncIterable<Buffer>,
  named: Encoding | undefined,
  name: string,
  survey: (path: readonly string[], value: unknown, text: string) => void,
  paths: Paths = [],
): Promise<void> {
  const { layout, all, start } = await findLayout(pieces, named, name, paths);
  const add = (path: readonly string[], text: string) => {
    const value = readValue(text);
    if ('value' in value) survey(path, value.value, text);
  };
  if (layout === 'lines') {
    for await (const lines of readLines(all, named, name))
      for (const line of lines) if ('text' in line && line.text.trim() !== '') add([], line.text);
    return;
  }
  const { encoding, bytes } = structured(all, encodingOf(start, named, name), name);
  if (layout === 'inside') {
    const walk = walkMembers(paths, {
      list() {},
      other(path, value) {
        const read = decode(value, encoding);
        if ('text' in read) add(path, read.text);
      },
    });
    for await (const piece of bytes) walk.take(piece);
    // Accounts would lose what they refer to.
    if (!walk.isComplete())
      throw new CommandError(`${name} is cut off, or is not JSON: nothing was imported`);
  } else
    for await (const values of readJsonValues(bytes, encoding, layout === 'list'))
      for (const { text, problem } of values) if (problem === undefined) add([], text);
}

interface Layouted {
  readonly layout: JsonLayout;
  readonly all: AsyncIterable<Buffer>;
  /** With the byte order mark. */
  readonly start: Buffer;
}

async function findLayout(
  pieces: AsyncIterable<Buffer>,
  named: Encoding | undefined,
  name: string,
  paths: Paths,
): Promise<Layouted> {
  const source = pieces[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  let layout: JsonLayout | null = null;
  let isWhole = false;
  while (layout === null) {
    const next = await source.next();
    isWhole = next.done === true;
    if (!isWhole) start = Buffer.concat([start, next.value]);
    if (!isWhole && start.length < signatureBytes) continue;
    layout = layoutOf(startText(start, named, name), isWhole || start.length > maxRecordBytes, paths);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield start;
    if (!isWhole) yield* { [Symbol.asyncIterator]: () => source };
  }
  return { layout, all: all(), start };
}

/** The beginning as text whose structure is right, though other characters may be wrong. */
function startText(start: Buffer, named: Encoding | undefined, name: string): string {
  const { encoding, skip } = encodingOf(start, named, name);
  const bytes = start.subarray(skip, start.length - ((start.length - skip) % 2));
  if (encoding === 'utf-16le') return bytes.toString('utf16le');
  if (encoding === 'utf-16be') return Buffer.from(bytes).swap16().toString('utf16le');
  return start.subarray(skip).toString('latin1');
}

/** @returns null if more text is needed */
function layoutOf(text: string, isWhole: boolean, paths: Paths): JsonLayout | null {
  const first = /\S/.exec(text);
  if (first === null) return isWhole ? 'lines' : null;
  if (first[0] === '[') {
    if (!paths.some(([name]) => name === anyElement)) return 'list';
    const isTable = isPhpMyAdmin(text, isWhole);
    return isTable === null ? null : isTable ? 'inside' : 'list';
  }
  if (first[0] !== '{') return 'lines';
  if (paths.length > 0) {
    const walk = walkMembers(paths, { list() {} });
    walk.take(Buffer.from(text));
    if (walk.state() === 'list' || walk.state() === 'after') return 'inside';
    // No account is that long.
    if (walk.state() === 'before')
      return !isWhole ? null : text.length > maxRecordBytes ? 'inside' : 'values';
  }
  const end = text.indexOf('\n', first.index);
  if (end === -1 && !isWhole) return null;
  return isOpen(text.slice(first.index, end === -1 ? undefined : end)) ? 'values' : 'lines';
}

/** Whether an object goes on after the line. Not if the line ends within a text: no line of JSON does. */
function isOpen(line: string): boolean {
  const outside = line.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  if (outside.includes('"')) return false;
  return outside.replaceAll(/[^{[]/g, '').length > outside.replaceAll(/[^}\]]/g, '').length;
}

async function* lineRecords(
  batches: ReturnType<typeof readLines>,
  read: ReadObject,
): AsyncGenerator<FileRecord> {
  for await (const lines of batches) {
    for (const line of lines) {
      if ('problem' in line)
        yield { line: line.number, size: 0, problem: line.problem, original: { text: '' } };
      else if (line.text.trim() !== '') {
        const { text, number } = line;
        yield { line: number, size: text.length, ...readObject(text, read), original: { text } };
      }
    }
  }
}

async function* valueRecords(
  bytes: AsyncIterable<Buffer>,
  encoding: Encoding,
  isList: boolean,
  read: ReadObject,
): AsyncGenerator<FileRecord> {
  for await (const values of readJsonValues(bytes, encoding, isList)) {
    for (const { record, line, text, problem } of values) {
      const account = problem === undefined ? readObject(text, read) : { problem };
      yield { line: record, fileLine: line, size: text.length, ...account, original: { text } };
    }
  }
}

/** The bytes of a file in an encoding in which the characters of the structure are bytes of their own. */
function structured(
  pieces: AsyncIterable<Buffer>,
  { encoding, skip }: { readonly encoding: Encoding; readonly skip: number },
  name: string,
): { readonly encoding: Encoding; readonly bytes: AsyncIterable<Buffer> } {
  if (encoding === 'utf-16le' || encoding === 'utf-16be')
    return { encoding: 'utf-8', bytes: inUtf8(pieces, encoding, name) };
  return { encoding, bytes: without(pieces, skip) };
}

/** The bytes of the list inside the object, after as many line breaks as are before it. */
async function* listInside(
  pieces: AsyncIterable<Buffer>,
  paths: Paths,
  name: string,
): AsyncGenerator<Buffer> {
  let found: Buffer[] = [];
  const walk = walkMembers(paths, { list: (part) => found.push(part) });
  let isBegun = false;
  for await (const piece of pieces) {
    walk.take(piece);
    if (!isBegun && found.length > 0) {
      isBegun = true;
      yield Buffer.alloc(walk.line() - 1, '\n');
    }
    yield* found;
    found = [];
    if (walk.state() === 'after') return;
  }
  if (walk.state() === 'broken') throw new CommandError(`${name} is not JSON`);
  if (walk.state() !== 'list')
    throw new CommandError(`${name} has no list ${paths.map((path) => path.join('.')).join(' or ')}`);
}

async function* without(pieces: AsyncIterable<Buffer>, skip: number): AsyncGenerator<Buffer> {
  let toSkip = skip;
  for await (const piece of pieces) {
    yield piece.subarray(toSkip);
    toSkip = 0;
  }
}

async function* inUtf8(
  pieces: AsyncIterable<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
  name: string,
): AsyncGenerator<Buffer> {
  // Drops the byte order mark.
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const piece of pieces) yield Buffer.from(decoder.decode(piece, { stream: true }));
    yield Buffer.from(decoder.decode());
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new CommandError(`${name} contains half a character, which is not valid ${encoding}`, { cause });
  }
}

function readValue(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    // A request body nests the same attributes two levels deeper.
    return { value: readJson(text, 2) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const hint = /^[^{[]*,/.test(text) ? '; if the file is CSV, add --format csv' : '';
    return { problem: `${error.message}${hint}` };
  }
}

function readObject(text: string, read: ReadObject): ReadAccount {
  const parsed = readValue(text);
  if ('problem' in parsed) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value))
    return { problem: 'is not an object' };
  const twice = repeatedMember(text);
  if (twice !== undefined) return { problem: `has ${JSON.stringify(twice.slice(0, 100))} twice` };
  return read(value as Members);
}
