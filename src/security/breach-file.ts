// Breached passwords in a file in the format of the Pwned Passwords download: lines HASH:COUNT, sorted by SHA-1 hash, in upper
// or lower case. It has tens of gigabytes, so it is never read whole. It is opened for each question: a newer download can
// replace it while the service runs.

import { type FileHandle, open } from 'node:fs/promises';
import { BreachSourceError } from './breach-source-error.ts';
import type { BreachSource } from './breached-passwords.ts';

/** The longest line has 40 digits, a colon, a count and a line end. */
const maxLineBytes = 128;
/** A part of the file that is read and searched line by line. */
const blockBytes = 4096;
/** A smaller file is checked whole; in a larger one, this many samples of lines. */
const checkedWholeBytes = 1024 * 1024;
const samples = 256;

export function breachFile(path: string): BreachSource {
  async function opened<T>(work: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
    let file: FileHandle | undefined;
    try {
      file = await open(path);
      const { size } = await file.stat();
      return await work(file, size);
    } catch (error) {
      if (error instanceof BreachSourceError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      throw new BreachSourceError(`cannot be read (${code})`, { cause: error });
    } finally {
      await file?.close();
    }
  }
  return {
    includes: (sha1) => opened((file, size) => includesHash(file, size, sha1)),
    check: () => opened(requireSorted),
  };
}

/** Binary search by byte offsets. `from` is always the beginning of a line, `to` that of a line or the end of the file. */
async function includesHash(file: FileHandle, size: number, sha1: string): Promise<boolean> {
  let [from, to] = [0, size];
  while (to - from > blockBytes) {
    const line = await lineAfter(file, from + Math.floor((to - from) / 2));
    if (line.hash <= sha1) from = line.start;
    else to = line.start;
  }
  const lines = linesOf(await read(file, from, to - from), from);
  return lines.some(({ hash }) => hash === sha1);
}

/** @throws BreachSourceError if the file is empty, or has a line that is out of order or of another form */
async function requireSorted(file: FileHandle, size: number): Promise<void> {
  if (size === 0) throw new BreachSourceError('is empty');
  const lines = size <= checkedWholeBytes ? linesOf(await read(file, 0, size), 0) : await sampled(file, size);
  for (const [i, { hash, start }] of lines.entries())
    if (i > 0 && hash < lines[i - 1]!.hash)
      throw new BreachSourceError(`is not sorted by hash: see the line at byte ${start}`);
}

/** The first line, some in between at equal distances, and the last. */
async function sampled(file: FileHandle, size: number): Promise<Line[]> {
  const [firstLine = ''] = (await read(file, 0, maxLineBytes)).split('\n', 1);
  const between: Line[] = [];
  for (let i = 1; i < samples; i++) between.push(await lineAfter(file, Math.floor((size / samples) * i)));
  const end = size - 2 * maxLineBytes;
  const rest = await read(file, end, 2 * maxLineBytes);
  const begin = rest.indexOf('\n') + 1;
  return [lineOf(firstLine, 0), ...between, ...linesOf(rest.slice(begin), end + begin)];
}

interface Line {
  /** In bytes. */
  readonly start: number;
  /** In upper case. */
  readonly hash: string;
}

/** The first whole line that begins after this byte. The file must have one. */
async function lineAfter(file: FileHandle, byte: number): Promise<Line> {
  const text = await read(file, byte, 2 * maxLineBytes);
  const begin = text.indexOf('\n') + 1;
  const end = text.indexOf('\n', begin);
  return lineOf(text.slice(begin, end === -1 ? undefined : end), byte + begin);
}

function linesOf(text: string, start: number): Line[] {
  let next = start;
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      const read = lineOf(line, next);
      next += line.length + 1;
      return read;
    });
}

function lineOf(text: string, start: number): Line {
  const [, hash] = /^([\dA-Fa-f]{40}):\d+\r?$/.exec(text) ?? [];
  if (hash === undefined)
    throw new BreachSourceError(`has a line that is not HASH:COUNT with a SHA-1 hash, at byte ${start}`);
  return { start, hash: hash.toUpperCase() };
}

/** One character for each byte. */
async function read(file: FileHandle, from: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
  return buffer.toString('latin1', 0, bytesRead);
}
