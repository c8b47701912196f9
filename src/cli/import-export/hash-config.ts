// The file of --hash-config: JSON, or the text that the Firebase console shows.

import { readFileSync } from 'node:fs';
import { JsonError, readJson } from '../../model/json.ts';
import { reasonOfFile } from '../../platform/private-files.ts';
import { CommandError } from '../print.ts';
import type { Members } from './account-reader.ts';

export interface HashConfig {
  /** Its name, for messages. */
  readonly file: string;
  readonly values: Members;
}

/** @throws CommandError */
export function readHashConfig(file: string): HashConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(`${file} cannot be read: ${reasonOfFile(cause)}`, { cause });
  }
  const values = ofConsole(text) ?? ofJson(text);
  if (values === null) throw new CommandError(`${file} contains neither hash_config { … } nor a JSON object`);
  return { file, values };
}

/** `hash_config { algorithm: SCRYPT, base64_signer_key: …, }`, also if only the lines in the braces are there. */
function ofConsole(text: string): Members | null {
  const inner = /^\s*(?:hash_config\s*\{)?((?:\s*\w+:\s*[^\s,"{}]+\s*,?)+)\s*\}?\s*$/.exec(text)?.[1];
  if (inner === undefined) return null;
  return Object.fromEntries(
    [...inner.matchAll(/(\w+):\s*([^\s,]+)/g)].map(([, name, value]) => [name, value]),
  );
}

function ofJson(text: string): Members | null {
  try {
    const value = readJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}
