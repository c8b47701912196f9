// Content negotiation by JSON:API 1.1 ("Server Responsibilities"). In addition, requests may have `charset=utf-8`,
// and the vendor's `ext=bulk`.

import { ApiError } from '../errors.ts';

export const mediaType = 'application/vnd.api+json';
/** The Content-Type of every body. */
export const contentType = `${mediaType}; charset=utf-8`;

/**
 * The supported media type, in machine-readable form. By RFC 9110 section 15.5.16, a 415 has it in an Accept header.
 */
const wanted = { meta: { media_type: mediaType }, headers: { Accept: mediaType } };

interface MediaRange {
  readonly type: string;
  readonly parameters: readonly (readonly [string, string])[];
}

/** Splits at separators that are not in quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted && char === '\\') part += char + (text[++i] ?? '');
    else if (char === separator && !quoted) {
      parts.push(part);
      part = '';
    } else {
      if (char === '"') quoted = !quoted;
      part += char;
    }
  }
  return [...parts, part];
}

function readMediaRange(text: string): MediaRange {
  const [type = '', ...rest] = split(text, ';').map((part) => part.trim());
  const parameters = rest
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      const name = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
      const value = equals === -1 ? '' : part.slice(equals + 1).trim();
      return [name, value.replace(/^"(.*)"$/s, '$1')] as const;
    });
  return { type: type.toLowerCase(), parameters };
}

function isKnownParameter([name, value]: readonly [string, string]): boolean {
  if (name === 'profile') return true;
  if (name === 'charset') return /^utf-?8$/i.test(value);
  return name === 'ext' && value === 'bulk';
}

/** @throws ApiError unsupported_media_type */
export function checkContentType(header: string | undefined): void {
  if (header === mediaType || header === contentType) return;
  const range = readMediaRange(header ?? '');
  if (range.type !== mediaType || !range.parameters.every(isKnownParameter))
    throw new ApiError('unsupported_media_type', wanted);
}

/** @throws ApiError not_acceptable if the header has no wildcard and no media range that can be served */
export function checkAccept(header: string | undefined): void {
  if (header === undefined || header === '' || header === '*/*' || header === mediaType) return;
  const acceptable = split(header, ',').some((part) => {
    const { type, parameters } = readMediaRange(part);
    // RFC 9110 section 12.4.2: a weight of 0 means "not acceptable". The weight is not a media type parameter.
    const weight = parameters.find(([name]) => name === 'q');
    if (weight !== undefined && Number(weight[1]) === 0) return false;
    if (type === '*/*' || type === 'application/*') return true;
    return type === mediaType && parameters.every((p) => p[0] === 'q' || isKnownParameter(p));
  });
  if (!acceptable) throw new ApiError('not_acceptable', wanted);
}
