// Reads files of JSON objects: one on each line (JSON lines), in a list, or one after the other over several lines.

import { JsonError, readJson, repeatedMember } from '../../model/json.ts';
import { CommandError } from '../print.ts';
import type { AccountReader } from './account-reader.ts';
import { type Encoding, encodingOf, signatureBytes } from './encoding.ts';
import type { FileRecord } from './file-record.ts';
import { readJsonValues } from './json-values.ts';
import { maxRecordBytes, readLines } from './read-lines.ts';

/** `lines`: one object on each line. `values`: objects over several lines. */
export type JsonLayout = 'lines' | 'list' | 'values';

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
  reader: AccountReader,
): Promise<JsonFile> {
  const source = pieces[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  let layout: JsonLayout | null = null;
  let isWhole = false;
  while (layout === null) {
    const next = await source.next();
    isWhole = next.done === true;
    if (!isWhole) start = Buffer.concat([start, next.value]);
    if (!isWhole && start.length < signatureBytes) continue;
    layout = layoutOf(startText(start, named, name), isWhole || start.length > maxRecordBytes);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield start;
    if (!isWhole) yield* { [Symbol.asyncIterator]: () => source };
  }
  return {
    layout,
    records:
      layout === 'lines'
        ? lineRecords(readLines(all(), named, name), reader)
        : valueRecords(all(), encodingOf(start, named, name), layout === 'list', name, reader),
  };
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
function layoutOf(text: string, isWhole: boolean): JsonLayout | null {
  const first = /\S/.exec(text);
  if (first === null) return isWhole ? 'lines' : null;
  if (first[0] === '[') return 'list';
  if (first[0] !== '{') return 'lines';
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
  reader: AccountReader,
): AsyncGenerator<FileRecord> {
  for await (const lines of batches) {
    for (const line of lines) {
      if ('problem' in line)
        yield { line: line.number, size: 0, problem: line.problem, original: { text: '' } };
      else if (line.text.trim() !== '') {
        const { text, number } = line;
        yield { line: number, size: text.length, ...readObject(text, reader), original: { text } };
      }
    }
  }
}

async function* valueRecords(
  pieces: AsyncIterable<Buffer>,
  { encoding, skip }: { readonly encoding: Encoding; readonly skip: number },
  isList: boolean,
  name: string,
  reader: AccountReader,
): AsyncGenerator<FileRecord> {
  const isWide = encoding === 'utf-16le' || encoding === 'utf-16be';
  const bytes = isWide ? inUtf8(pieces, encoding, name) : without(pieces, skip);
  for await (const values of readJsonValues(bytes, isWide ? 'utf-8' : encoding, isList)) {
    for (const { record, line, text, problem } of values) {
      const read = problem === undefined ? readObject(text, reader) : { problem };
      yield { line: record, fileLine: line, size: text.length, ...read, original: { text } };
    }
  }
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

function readObject(text: string, reader: AccountReader) {
  let value: unknown;
  try {
    // A request body nests the same attributes two levels deeper.
    value = readJson(text, 2);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const hint = /^[^{[]*,/.test(text) ? '; if the file is CSV, add --format csv' : '';
    return { problem: `${error.message}${hint}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.isRawJSON(value))
    return { problem: 'is not an object' };
  const twice = repeatedMember(text);
  if (twice !== undefined) return { problem: `has ${JSON.stringify(twice.slice(0, 100))} twice` };
  return reader.object(value as Record<string, unknown>);
}
