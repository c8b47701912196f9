// Values as plain text, in the cells of a table or behind a flag of the command line. Nothing stands for null.

import type { Kind, Stored } from './kind.ts';
import type { Zone } from './zone.ts';

/** The text as the value that a document would hold; what does not fit is left for the kind to refuse. */
export function readCell(kind: Kind, text: string): unknown {
  if (text === '') return null;
  if (kind.json) return parseJson(text);
  if (kind.column === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (kind.schema.type === 'integer') return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  return text;
}

export function writeCell(kind: Kind, stored: Stored, zone: Zone): string {
  if (stored === null) return '';
  const json = kind.write(stored, zone);
  return json.startsWith('"') && !kind.json ? JSON.parse(json) : json;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
