// The query string, read strictly: form-urlencoded pairs, brackets literal or percent-encoded alike.

import { ApiError } from '../errors.ts';

export interface Parameter {
  /** Decoded: `filter[email][eq]`. */
  readonly name: string;
  /** Its family, `filter`, and what stands in brackets, `['email', 'eq']`. */
  readonly family: string;
  readonly path: readonly string[];
  readonly value: string;
}

const namePattern = /^([A-Za-z][\w-]*)((?:\[[^[\]]*\])*)$/;

export function unsupportedParameter(name: string): ApiError {
  return new ApiError('unsupported_parameter', {
    detail: `Parameter '${shorten(name)}' is not supported on this endpoint`,
    parameter: shorten(name),
  });
}

/** What a client sent is echoed in errors, but never at length. */
export function shorten(text: string): string {
  const clean = text.toWellFormed();
  return clean.length > 100 ? `${clean.slice(0, 100).toWellFormed()}…` : clean;
}

/** @throws ApiError unsupported_parameter for one that is malformed or given twice */
export function readParameters(queryString: string): Parameter[] {
  const parameters: Parameter[] = [];
  const seen = new Set<string>();
  for (const pair of queryString.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const rawName = equals === -1 ? pair : pair.slice(0, equals);
    const name = decode(rawName);
    const value = decode(equals === -1 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined || seen.has(name))
      throw unsupportedParameter(name ?? rawName);
    const match = namePattern.exec(name);
    if (match === null) throw unsupportedParameter(name);
    seen.add(name);
    const path = match[2] === '' ? [] : match[2]!.slice(1, -1).split('][');
    parameters.push({ name, family: match[1]!, path, value });
  }
  return parameters;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

export function writeParameters(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
