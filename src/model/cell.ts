// Values as plain text, in cells of CSV files and in options of the command line. Empty text means null.

import { JsonError, readJson } from './json.ts';
import type { Kind, Stored } from './kind.ts';
import type { Zone } from './zone.ts';

/** In a JSON:API document an attribute is on the fourth level, below the document, `data` and `attributes`. */
const levelsOfDocument = 3;

/**
 * Converts the text to the value that a document would contain. Text that does not fit the kind is returned
 * unchanged; the check of the kind rejects it.
 * @throws JsonError if the kind is JSON and the text is not valid JSON
 */
export function readCell(kind: Kind, text: string): unknown {
  if (text === '') return null;
  if (kind.json) return readJsonCell(text);
  if (kind.column === 'boolean') return readFlag(text) ?? text;
  if (kind.schema.type === 'integer') {
    if (text === 'null') return null;
    return /^(?:0|-?[1-9]\d{0,15})$/.test(text) ? Number(text) : text;
  }
  return text;
}

/**
 * Spreadsheets write TRUE, or its word in the language of the system such as WAHR, pandas True or 1.0, MySQL 1, PostgreSQL
 * t, people yes or ja.
 * @returns null if the text is neither
 */
export function readFlag(text: string): boolean | null {
  if (/^(?:true|t|yes|y|wahr|ja|vrai|verdadero|verdadeiro|vero|waar|prawda|1(?:\.0)?)$/i.test(text))
    return true;
  return /^(?:false|f|no|n|falsch|nein|faux|falso|onwaar|fałsz|0(?:\.0)?)$/iu.test(text) ? false : null;
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
