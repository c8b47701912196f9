// Splits a stream of bytes into lines. Only LF ends a line, because preferences may contain U+2028 and similar characters.

import { decode, type Encoding, encodingOf, signatureBytes } from './encoding.ts';

/** A line without its LF, or the reason why it cannot be read. Numbers begin with 1. */
export type Line = { readonly number: number } & ({ readonly text: string } | { readonly problem: string });

/** Limits memory, because a whole record is held in memory. The records that Muster exports are far smaller. */
export const maxRecordBytes = 8 * 1024 * 1024;
export const tooLong = `is longer than ${maxRecordBytes / 1024 / 1024} MiB`;

/**
 * @param named the encoding of the option --encoding
 * @param name the name of the file, for messages
 * @yields the lines of each piece of the file
 * @throws CommandError if the file is not text, or has another encoding than `named`
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
  /** The first byte of a UTF-16 code unit whose second byte is in the next piece. */
  let half: Buffer = Buffer.alloc(0);
  /** The current line. If it is too long, its bytes are counted but dropped. */
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

/** Index of the next LF, or -1. */
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
