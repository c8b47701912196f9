// Walks the outer object of a JSON file of any size, piece by piece, to the list of accounts inside it.

import { CommandError } from '../../print.ts';
import { anyElement } from './table-json.ts';

/** Limits memory. An organization with half a million members is shorter. */
const maxValueBytes = 64 * 1024 * 1024;

/** Gets what the walk finds. The parts of the list are parts of the pieces; the first begins with its bracket. */
export interface FoundMembers {
  list(part: Buffer): void;
  /**
   * Another value: a member, or an element of a list that is a member.
   * @param path the names of the members that lead to it
   */
  other?(path: readonly string[], bytes: Buffer): void;
}

/** `before`: the list can still come. `absent`: the object has ended, and does not have it. */
export type WalkState = 'before' | 'list' | 'after' | 'absent' | 'broken';

const [lf, quote, backslash, comma, colon] = [0x0a, 0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === lf;

type Expected = 'object' | 'name' | 'colon' | 'value' | 'separator' | 'nothing';

/**
 * Works on bytes, because in every encoding but UTF-16 the characters of the structure are bytes of their own.
 * @param paths the first of them that leads to a list is the list
 * @throws CommandError from `take`, if another value is too long
 */
export function walkMembers(paths: readonly (readonly string[])[], found: FoundMembers) {
  let state: WalkState = 'before';
  let expected: Expected = 'object';
  /** Objects that lead to a list, and lists that are read element by element. */
  const open: ('object' | 'list')[] = [];
  /** Names of members that lead to the value. */
  const path: string[] = [];
  /** What is read as a whole: a name, the list of accounts, or another value. */
  let taking: 'name' | 'list' | 'other' | null = null;
  let parts: Buffer[] = [];
  let length = 0;
  let depth = 0;
  let isString = false;
  let isEscaped = false;
  let lines = 1;
  let listLine = 1;

  const matches = (one: readonly string[]) => path.every((name, i) => one[i] === name);
  const isList = () => state === 'before' && paths.some((one) => one.length === path.length && matches(one));
  const leadsOn = () => state === 'before' && paths.some((one) => one.length > path.length && matches(one));

  function begin(what: 'name' | 'list' | 'other'): void {
    taking = what;
    parts = [];
    length = 0;
    depth = 0;
    isString = false;
    isEscaped = false;
  }

  function keep(part: Buffer): void {
    if (taking === 'list') found.list(part);
    else if (taking === 'name' || found.other !== undefined) {
      length += part.length;
      if (length <= maxValueBytes) parts.push(part);
    }
  }

  function finish(): void {
    if (taking === 'list') state = 'after';
    else if (taking === 'name') path.push(nameOf(Buffer.concat(parts)));
    else if (length <= maxValueBytes) found.other?.([...path], Buffer.concat(parts));
    else
      throw new CommandError(`${path.join('.')} has a value of more than ${maxValueBytes / 1024 / 1024} MiB`);
    expected = taking === 'name' ? 'colon' : 'separator';
    if (taking !== 'name' && open.at(-1) === 'object') path.pop();
    taking = null;
    parts = [];
  }

  /** Whether the value that is taken ends with this byte, or before it. */
  function ending(byte: number): 'with' | 'before' | null {
    if (isString) {
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) {
        isString = false;
        return depth === 0 ? 'with' : null;
      }
      return null;
    }
    if (byte === quote) isString = true;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return 'before';
      if (--depth === 0) return 'with';
    } else if (depth === 0 && (byte === comma || isBlank(byte))) return 'before';
    return null;
  }

  function close(): void {
    open.pop();
    if (open.length === 0) {
      expected = 'nothing';
      if (state === 'before') state = 'absent';
    } else {
      if (open.at(-1) === 'object') path.pop();
      expected = 'separator';
    }
  }

  /** @returns whether something begins that is taken as a whole */
  function step(byte: number): boolean {
    const inside = open.at(-1);
    if (byte === (inside === 'object' ? closeBrace : closeBracket) && inside !== undefined) {
      if (expected === 'colon' || (inside === 'object' && expected === 'value')) state = 'broken';
      else close();
    } else if (expected === 'object' && byte === openBrace) {
      open.push('object');
      expected = 'name';
    } else if (expected === 'object' && byte === openBracket && paths.some(([name]) => name === anyElement)) {
      open.push('list');
      path.push(anyElement);
      expected = 'value';
    } else if (expected === 'name' && byte === quote) {
      begin('name');
      return true;
    } else if (expected === 'colon' && byte === colon) expected = 'value';
    else if (expected === 'separator' && byte === comma) expected = inside === 'object' ? 'name' : 'value';
    else if (expected === 'value' && inside === 'object' && byte === openBracket && isList()) {
      state = 'list';
      listLine = lines;
      begin('list');
      return true;
    } else if (
      expected === 'value' &&
      (inside === 'object' || path.at(-1) === anyElement) &&
      byte === openBrace &&
      leadsOn()
    ) {
      open.push('object');
      expected = 'name';
    } else if (expected === 'value' && inside === 'object' && byte === openBracket) open.push('list');
    else if (expected === 'value') {
      begin('other');
      return true;
    } else state = 'broken';
    return false;
  }

  return {
    /** Reads on. After the end of the object, and after what is no JSON, it does nothing. */
    take(piece: Buffer): void {
      let from = 0;
      for (let i = 0; i < piece.length && state !== 'broken' && expected !== 'nothing'; i++) {
        const byte = piece[i]!;
        if (byte === lf) lines++;
        if (taking === null && !isBlank(byte) && step(byte)) from = i;
        if (taking === null) continue;
        const end = ending(byte);
        if (end === null) continue;
        keep(piece.subarray(from, end === 'with' ? i + 1 : i));
        finish();
        if (end === 'before' && !isBlank(byte)) step(byte);
      }
      if (taking !== null) keep(piece.subarray(from));
    },
    state: () => state,
    /** Whether the object is closed. */
    isComplete: () => expected === 'nothing',
    /** The number of the line on which the list begins, from 1. */
    line: () => listLine,
  };
}

function nameOf(bytes: Buffer): string {
  try {
    return String(JSON.parse(bytes.toString()));
  } catch {
    return bytes.toString();
  }
}
