// Bytes of a file as text. What cannot be decoded is named, never replaced by U+FFFD.

import { isAscii, isUtf8 } from 'node:buffer';
import { CommandError } from '../print.ts';

export const encodings = ['utf-8', 'latin1', 'windows-1252', 'utf-16le', 'utf-16be'] as const;
export type Encoding = (typeof encodings)[number];

/** Text, or why the bytes are none. */
export type Decoded = { readonly text: string } | { readonly problem: string };

/** How many bytes `encodingOf` looks at. */
export const signatureBytes = 16;

const byteOrderMarks: readonly (readonly [encoding: Encoding, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Files that people give instead of text, by their first bytes (in Latin-1). */
const notText: readonly (readonly [start: string, what: string])[] = [
  ['PK\x03\x04', 'a zip archive or a spreadsheet such as .xlsx'],
  ['\xd0\xcf\x11\xe0', 'an old Office document such as .xls'],
  ['\x1f\x8b', 'compressed by gzip'],
  ['\x28\xb5\x2f\xfd', 'compressed by zstd'],
  ['\xfd7zXZ\x00', 'compressed by xz'],
  ['BZh', 'compressed by bzip2'],
  ['SQLite format 3\x00', 'an SQLite database'],
  ['PGDMP', 'a dump of PostgreSQL'],
  ['%PDF-', 'a PDF'],
  ['\xff\xfe\x00\x00', 'UTF-32'],
  ['\x00\x00\xfe\xff', 'UTF-32'],
];

/**
 * The encoding of a file, by its byte order mark or as the caller names it.
 * @param start the first `signatureBytes` of the file, or all of it
 * @param name of the file, for the message
 * @returns the encoding, and how many bytes of byte order mark to skip
 * @throws CommandError where the file is not text, or of another encoding than named
 */
export function encodingOf(
  start: Buffer,
  named: Encoding | undefined,
  name: string,
): { encoding: Encoding; skip: number } {
  const latin = start.toString('latin1');
  const other = notText.find(([signature]) => latin.startsWith(signature));
  if (other !== undefined)
    throw new CommandError(`${name} is ${other[1]}. Save it as text first: CSV or JSON lines, in UTF-8.`);
  const marked = byteOrderMarks.find(([, mark]) => mark.every((byte, i) => start[i] === byte));
  if (marked !== undefined) {
    const [encoding, mark] = marked;
    if (named !== undefined && named !== encoding)
      throw new CommandError(
        `${name} begins with the byte order mark of ${encoding}: leave --encoding ${named} out`,
      );
    return { encoding, skip: mark.length };
  }
  if (named === undefined) {
    const likely = unmarkedUtf16(start);
    if (likely !== null)
      throw new CommandError(`line 1: is not UTF-8, probably ${likely}: try --encoding ${likely}`);
  }
  return { encoding: named ?? 'utf-8', skip: 0 };
}

/** Head lines and JSON begin with ASCII, every other byte of which is zero in UTF-16. */
function unmarkedUtf16([a, b, c, d]: Buffer): Encoding | null {
  if (a && b === 0 && c && d === 0) return 'utf-16le';
  if (a === 0 && b && c === 0 && d) return 'utf-16be';
  return null;
}

/** Decodes a line. */
export function decode(bytes: Buffer, encoding: Encoding): Decoded {
  switch (encoding) {
    case 'utf-8':
      return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { problem: whyNotUtf8(bytes) };
    case 'latin1':
    case 'windows-1252':
      // All of its letters would become two others.
      if (isUtf8(bytes) && !isAscii(bytes))
        return { problem: `is UTF-8, not ${encoding}: leave --encoding out` };
      return encoding === 'latin1' ? decodeLatin1(bytes) : decodeWindows1252(bytes);
    case 'utf-16le':
    case 'utf-16be':
      return decodeUtf16(bytes, encoding);
  }
}

function whyNotUtf8(bytes: Buffer): string {
  if (bytes.includes(0)) return 'is not UTF-8, probably UTF-16: try --encoding utf-16le';
  const likely = bytes.some((byte) => byte >= 0x80 && byte <= 0x9f)
    ? 'probably Windows-1252: try --encoding windows-1252'
    : 'probably Latin-1 or Windows-1252: try --encoding latin1 or windows-1252';
  return isCutOff(bytes)
    ? `ends in the middle of a character of UTF-8: the file was cut off, or it is ${likely}`
    : `is not UTF-8, ${likely}`;
}

/** Whether all is UTF-8 but a last character that has too few bytes. */
function isCutOff(bytes: Buffer): boolean {
  const last = bytes.findLastIndex((byte) => byte >= 0xc2 && byte <= 0xf4);
  if (last === -1 || bytes.length - last > 3) return false;
  const wanted = bytes[last]! >= 0xf0 ? 4 : bytes[last]! >= 0xe0 ? 3 : 2;
  return bytes.length - last < wanted && isUtf8(bytes.subarray(0, last));
}

function decodeLatin1(bytes: Buffer): Decoded {
  // Control characters in ISO 8859-1, which no text has; letters and quotes in Windows-1252.
  const control = bytes.find((byte) => byte >= 0x80 && byte <= 0x9f);
  return control === undefined
    ? { text: bytes.toString('latin1') }
    : {
        problem: `has a byte 0x${control.toString(16)}, which is no character of Latin-1: try --encoding windows-1252`,
      };
}

/** Windows-1252 from 0x80 to 0x9f; a space where it has no character (unicode.org, VENDORS/MICSFT/WINDOWS/CP1252.TXT). */
const windows1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

function decodeWindows1252(bytes: Buffer): Decoded {
  const none = bytes.find((byte) => windows1252[byte - 0x80] === ' ');
  if (none !== undefined)
    return { problem: `has a byte 0x${none.toString(16)}, which is no character of Windows-1252` };
  const text = bytes.toString('latin1');
  return { text: text.replaceAll(/[\x80-\x9f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80]!) };
}

function decodeUtf16(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): Decoded {
  if (bytes.length % 2 === 1) return { problem: 'ends in the middle of a character: the file was cut off' };
  const text = (encoding === 'utf-16le' ? bytes : Buffer.from(bytes).swap16()).toString('utf16le');
  return text.isWellFormed() ? { text } : { problem: `has half a character, which is not ${encoding}` };
}
