// Hashes whose text is a JSON object.

import { malformed } from './foreign-hash.ts';

export type Members = Readonly<Record<string, unknown>>;

/** @throws HashProblem */
export function readObject(text: string, format: string): Members {
  try {
    return asObject(JSON.parse(text), format);
  } catch {
    throw malformed(format);
  }
}

/** A member that is an object, or the JSON text of one. @throws HashProblem */
export function memberOf(object: Members, name: string, format: string): Members {
  const member = object[name];
  return typeof member === 'string' ? readObject(member, format) : asObject(member, format);
}

/** @throws HashProblem */
export function textOf(object: Members, name: string, format: string): string {
  const member = object[name];
  if (typeof member !== 'string') throw malformed(format);
  return member;
}

function asObject(value: unknown, format: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(format);
  return value as Members;
}
