// A file of text, line by line, however it arrives. Lines end at LF alone: preferences may hold U+2028 and its like.

import { decode, type Encoding, encodingOf, signatureBytes } from './encoding.ts';

/** A line without its LF, from 1, or why it cannot be read. */
export type Line = { readonly number: number } & ({ readonly text: string } | { readonly problem: string });

/** A whole record has to be in memory; the largest that Muster exports is far below. */
export const maxRecordBytes = 8 * 1024 * 1024;
export const tooLong = `is longer than ${maxRecordBytes / 1024 / 1024} MiB`;

/**
 * @param named the encoding, where the caller knows it
 * @param name of the file, for messages
 * @yields the lines of a piece of the file
 * @throws CommandError where the file is no text of that encoding
 */
export async function* readLines(
  bytes: AsyncIterable<Buffer>,
  named: Encoding | undefined,
  name: string,
): AsyncGenerator<readonly Line[]> {
  let start: Buffer = Buffer.alloc(0);
  let lines: LineSplitter | undefined;
  for await (const piece of bytes) {
    if (lines !== undefined) yield lines.take(piece);
    else {
      start = Buffer.concat([start, piece]);
      if (start.length < signatureBytes) continue;
      lines = splitterFor(start, named, name);
      yield lines.take(start);
    }
  }
  if (lines === undefined) {
    lines = splitterFor(start, named, name);
    yield lines.take(start);
  }
  yield lines.end();
}

interface LineSplitter {
  take(piece: Buffer): Line[];
  end(): Line[];
}

function splitterFor(start: Buffer, named: Encoding | undefined, name: string): LineSplitter {
  const { encoding, skip } = encodingOf(start, named, name);
  return lineSplitter(encoding, skip);
}

function lineSplitter(encoding: Encoding, skip: number): LineSplitter {
  const unit = encoding.startsWith('utf-16') ? 2 : 1;
  let number = 0;
  let toSkip = skip;
  /** Half a code unit of UTF-16. */
  let half: Buffer = Buffer.alloc(0);
  /** The line that has begun. What is too long is counted and not kept. */
  let parts: Buffer[] = [];
  let length = 0;

  function keep(part: Buffer): void {
    length += part.length;
    if (length <= maxRecordBytes) parts.push(part);
    else parts = [];
  }

  function finish(): Line {
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const read = length > maxRecordBytes ? { problem: tooLong } : decode(bytes, encoding);
    parts = [];
    length = 0;
    return { number: ++number, ...read };
  }

  return {
    take(piece) {
      const lines: Line[] = [];
      let rest = piece.subarray(toSkip);
      toSkip = 0;
      if (half.length > 0) rest = Buffer.concat([half, rest]);
      half = rest.subarray(rest.length - (rest.length % unit));
      rest = rest.subarray(0, rest.length - half.length);
      let from = 0;
      for (let at = lineEnd(rest, from, encoding); at !== -1; at = lineEnd(rest, from, encoding)) {
        keep(rest.subarray(from, at));
        lines.push(finish());
        from = at + unit;
      }
      if (from < rest.length) keep(rest.subarray(from));
      return lines;
    },
    end() {
      if (half.length > 0) keep(half);
      return length > 0 ? [finish()] : [];
    },
  };
}

/** Where the next LF begins, or -1. */
function lineEnd(bytes: Buffer, from: number, encoding: Encoding): number {
  let at = bytes.indexOf(0x0a, from);
  if (encoding === 'utf-16le') {
    while (at !== -1 && (at % 2 === 1 || bytes[at + 1] !== 0)) at = bytes.indexOf(0x0a, at + 1);
  } else if (encoding === 'utf-16be') {
    while (at !== -1 && (at % 2 === 0 || bytes[at - 1] !== 0)) at = bytes.indexOf(0x0a, at + 1);
    return at === -1 ? -1 : at - 1;
  }
  return at;
}
