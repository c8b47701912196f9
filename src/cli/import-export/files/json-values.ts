// Splits JSON that is not one object on each line: a list of objects, also on one line, or objects over several lines. A
// file of any size is read piece by piece. A broken object makes only itself unreadable, if the next one begins a line.

import { decode, type Encoding } from './encoding.ts';
import { maxRecordBytes, tooLong } from './read-lines.ts';

/** An element with its number and the line on which it begins, from 1, or the reason why it cannot be read. */
export type JsonValue = { readonly record: number; readonly line: number; readonly text: string } & {
  readonly problem?: string;
};

/**
 * @param isList whether the objects are in a list
 * @yields the objects that end in each piece
 */
export async function* readJsonValues(
  pieces: AsyncIterable<Buffer>,
  encoding: Encoding,
  isList: boolean,
): AsyncGenerator<readonly JsonValue[]> {
  const values = valueSplitter(encoding, isList);
  for await (const piece of pieces) yield values.take(piece);
  yield values.end();
}

const [lf, quote, backslash, comma, colon] = [0x0a, 0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === lf;

/**
 * `skipping`: after a broken object, up to the next one that begins a line with the same indentation. `done`: after text
 * that follows the list.
 */
type Place = 'before' | 'between' | 'inside' | 'scalar' | 'skipping' | 'after' | 'done';

const restOfLine = '; what follows on the same line is not read';

/** Works on bytes: in every encoding but UTF-16, the characters of the structure are bytes of their own. */
function valueSplitter(encoding: Encoding, isList: boolean) {
  let place: Place = isList ? 'before' : 'between';
  let record = 0;
  let line = 1;
  /** Number of spaces and tabs before the first other character of the line; -1 after it. */
  let indent = 0;
  /** What must close the arrays and objects that are open in the value. */
  let closers: number[] = [];
  let isString = false;
  let isEscaped = false;
  /** The last byte outside of strings that is not blank. */
  let last = 0;
  let startLine = 0;
  let startIndent = -1;
  /** The bytes of the value in earlier pieces. If they are too many, they are counted but dropped. */
  let parts: Buffer[] = [];
  let length = 0;
  let values: JsonValue[] = [];

  function keep(part: Buffer): void {
    length += part.length;
    if (length <= maxRecordBytes) parts.push(part);
    else parts = [];
  }

  function begin(as: Place): void {
    place = as;
    startLine = line;
    startIndent = indent;
    closers = [];
    isString = false;
    isEscaped = false;
    last = 0;
    parts = [];
    length = 0;
  }

  function finish(next: Place, broken?: string): void {
    const read = length > maxRecordBytes ? { problem: tooLong } : decode(Buffer.concat(parts), encoding);
    const problem = broken ?? ('problem' in read ? read.problem : undefined);
    const text = 'text' in read ? read.text : '';
    values.push({ record: ++record, line: startLine, text, ...(problem !== undefined && { problem }) });
    place = next;
    parts = [];
    length = 0;
  }

  /** Whether an object that begins at this byte can follow a broken one. */
  function resumesAt(byte: number): boolean {
    return byte === openBrace && indent >= 0 && (startIndent === -1 || indent === startIndent);
  }

  function report(problem: string): void {
    begin('between');
    finish('done', problem);
  }

  /** Whether the value ends with this byte, or why it is broken. */
  function step(byte: number): 'ends' | 'goes on' | { readonly problem: string } {
    if (isString) {
      if (byte === lf) return { problem: `has text that is not closed on line ${line}` };
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) isString = false;
      return 'goes on';
    }
    if (isBlank(byte)) return 'goes on';
    const before = last;
    last = byte;
    if (byte === quote) isString = true;
    else if (byte === openBrace || byte === openBracket) {
      const isExpected =
        closers.at(-1) === closeBrace ? before === colon : before === openBracket || before === comma;
      if (closers.length > 0 && !isExpected) return { problem: `is not closed before line ${line}` };
      closers.push(byte === openBrace ? closeBrace : closeBracket);
    } else if (byte === closeBrace || byte === closeBracket) {
      if (closers.pop() !== byte) return { problem: `has brackets that do not match on line ${line}` };
      if (closers.length === 0) return 'ends';
    }
    return 'goes on';
  }

  return {
    take(piece: Buffer): readonly JsonValue[] {
      values = [];
      let from = 0;
      for (let i = 0; i < piece.length; i++) {
        const byte = piece[i]!;
        if (place === 'skipping' && resumesAt(byte)) place = 'between';
        if (place === 'scalar' && !isString && (isBlank(byte) || byte === comma || byte === closeBracket)) {
          keep(piece.subarray(from, i));
          finish('between');
        }
        if (place === 'inside' || place === 'scalar') {
          const state = step(byte);
          if (state === 'ends') {
            keep(piece.subarray(from, i + 1));
            finish('between');
          } else if (state !== 'goes on') {
            keep(piece.subarray(from, i));
            finish('skipping', startIndent === -1 ? `${state.problem}${restOfLine}` : state.problem);
            // The byte may begin the next object.
            if (resumesAt(byte)) {
              begin('inside');
              step(byte);
              from = i;
            }
          }
        } else if (!isBlank(byte) && place !== 'skipping' && place !== 'done') {
          if (place === 'before') place = 'between';
          else if (place === 'after') report('follows the end of the list');
          else if (isList && byte === closeBracket) place = 'after';
          else if (byte !== comma) {
            begin(byte === openBrace || byte === openBracket ? 'inside' : 'scalar');
            step(byte);
            from = i;
          }
        }
        if (byte === lf) {
          line++;
          indent = 0;
        } else if (indent >= 0) indent = byte === 0x20 || byte === 0x09 ? indent + 1 : -1;
      }
      if (place === 'inside' || place === 'scalar') keep(piece.subarray(from));
      return values;
    },
    end(): readonly JsonValue[] {
      values = [];
      if (place === 'inside') finish('done', 'is not complete: the file ends in it');
      else if (place === 'scalar') finish('done');
      else if (isList && (place === 'before' || place === 'between'))
        report('is missing: the file ends before the end of the list');
      return values;
    },
  };
}
