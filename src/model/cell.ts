// Values as plain text, in the cells of a table or behind a flag of the command line. Nothing stands for null.

import { JsonError, readJson } from './json.ts';
import type { Kind, Stored } from './kind.ts';
import type { Zone } from './zone.ts';

/** In a document, an attribute stands below the document itself, `data` and `attributes`. */
const levelsOfDocument = 3;

/**
 * The text as the value that a document would hold; what does not fit is left for the kind to refuse.
 * @throws JsonError where the kind is JSON and the text is not
 */
export function readCell(kind: Kind, text: string): unknown {
  if (text === '') return null;
  if (kind.json) return readJsonCell(text);
  if (kind.column === 'boolean') {
    // Spreadsheets write capitals, MySQL 1 and 0, PostgreSQL t and f.
    if (/^(true|t|1)$/i.test(text)) return true;
    return /^(false|f|0)$/i.test(text) ? false : text;
  }
  if (kind.schema.type === 'integer') {
    if (text === 'null') return null;
    return /^(?:0|-?[1-9]\d{0,15})$/.test(text) ? Number(text) : text;
  }
  return text;
}

export function writeCell(kind: Kind, stored: Stored, zone: Zone): string {
  if (stored === null) return '';
  const json = kind.write(stored, zone);
  return json.startsWith('"') && !kind.json ? JSON.parse(json) : json;
}

function readJsonCell(text: string): unknown {
  try {
    return readJson(text, levelsOfDocument);
  } catch (cause) {
    if (!/^[\p{L}']/u.test(text)) throw cause;
    throw new JsonError('is not JSON; put text in double quotes', { cause });
  }
}
