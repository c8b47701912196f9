// Decodes the bytes of a file. Bytes that are not valid are reported, never replaced by U+FFFD.

import { isAscii, isUtf8 } from 'node:buffer';
import { CommandError } from '../../print.ts';

export const encodings = ['utf-8', 'latin1', 'windows-1252', 'utf-16le', 'utf-16be'] as const;
export type Encoding = (typeof encodings)[number];

/** The text, or the reason why the bytes cannot be decoded. */
export type Decoded = { readonly text: string } | { readonly problem: string };

/** How many bytes `encodingOf` needs. */
export const signatureBytes = 16;

const byteOrderMarks: readonly (readonly [encoding: Encoding, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Kinds of files that are not text, by their first bytes (as Latin-1). */
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
 * Finds the encoding of a file from its byte order mark or the option --encoding; by default UTF-8.
 * @param start the first `signatureBytes` of the file, or the whole file if it is shorter
 * @param named the encoding of the option
 * @param name the name of the file, for the message
 * @returns the encoding, and the length of the byte order mark
 * @throws CommandError if the file is not text, or has another encoding than `named`
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
        `${name} begins with the byte order mark of ${encoding}: remove --encoding ${named}`,
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

/** CSV headers and JSON begin with ASCII. In UTF-16, every other byte of ASCII is zero. */
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
      // In UTF-8, each letter outside ASCII would be decoded as two wrong ones.
      if (isUtf8(bytes) && !isAscii(bytes))
        return { problem: `is UTF-8, not ${encoding}: remove --encoding` };
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
    ? `ends in the middle of a UTF-8 character: the file is incomplete, or it is ${likely}`
    : `is not UTF-8, ${likely}`;
}

/** Whether everything is UTF-8, except that the last character is incomplete. */
function isCutOff(bytes: Buffer): boolean {
  const last = bytes.findLastIndex((byte) => byte >= 0xc2 && byte <= 0xf4);
  if (last === -1 || bytes.length - last > 3) return false;
  const wanted = bytes[last]! >= 0xf0 ? 4 : bytes[last]! >= 0xe0 ? 3 : 2;
  return bytes.length - last < wanted && isUtf8(bytes.subarray(0, last));
}

function decodeLatin1(bytes: Buffer): Decoded {
  // In ISO 8859-1 these are control characters, which texts do not contain. In Windows-1252 they are letters and quotes.
  const control = bytes.find((byte) => byte >= 0x80 && byte <= 0x9f);
  return control === undefined
    ? { text: bytes.toString('latin1') }
    : {
        problem: `has a byte 0x${control.toString(16)}, which is not a character in Latin-1: try --encoding windows-1252`,
      };
}

/** Windows-1252 from 0x80 to 0x9f; a space means no character (unicode.org, VENDORS/MICSFT/WINDOWS/CP1252.TXT). */
const windows1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

function decodeWindows1252(bytes: Buffer): Decoded {
  const none = bytes.find((byte) => windows1252[byte - 0x80] === ' ');
  if (none !== undefined)
    return { problem: `has a byte 0x${none.toString(16)}, which is not a character in Windows-1252` };
  const text = bytes.toString('latin1');
  return { text: text.replaceAll(/[\x80-\x9f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80]!) };
}

function decodeUtf16(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): Decoded {
  if (bytes.length % 2 === 1) return { problem: 'ends in the middle of a character: the file is incomplete' };
  const text = (encoding === 'utf-16le' ? bytes : Buffer.from(bytes).swap16()).toString('utf16le');
  return text.isWellFormed()
    ? { text }
    : { problem: `contains half a character, which is not valid ${encoding}` };
}
