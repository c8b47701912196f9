// The query string, read strictly: form-urlencoded pairs, brackets literal or percent-encoded alike.

import { ApiError } from '../errors.ts';

export interface Parameter {
  /** Decoded: `filter[email][eq]`. */
  readonly name: string;
  /** Its family, `filter`, and what stands in brackets, `['email', 'eq']`. */
  readonly family: string;
  readonly path: readonly string[];
  /** Form-urlencoded: a + is a space. */
  readonly value: string;
  /** As the client sent it. */
  readonly rawValue: string;
}

/** Families whose parameters take several values. */
const takesLists: ReadonlySet<string> = new Set(['filter', 'fields', 'sort']);

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

/** @throws ApiError unsupported_parameter for one that is malformed, not UTF-8, or given twice and no list */
export function readParameters(queryString: string): Parameter[] {
  const parameters: Parameter[] = [];
  const seen = new Set<string>();
  for (const pair of queryString.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const rawName = equals === -1 ? pair : pair.slice(0, equals);
    const rawValue = equals === -1 ? '' : pair.slice(equals + 1);
    const name = decode(rawName, (problem) =>
      refused(rawName, `The name of parameter '${shorten(rawName)}' ${problem}`),
    );
    const match = namePattern.exec(name);
    if (match === null) throw unsupportedParameter(name);
    const value = decode(rawValue, (problem) =>
      refused(name, `The value of parameter '${shorten(name)}' ${problem}`),
    );
    // Each `[]` adds an item to a list.
    if (seen.has(name) && !name.endsWith('[]'))
      throw refused(
        name,
        `Parameter '${shorten(name)}' is given twice${takesLists.has(match[1]!) ? ': separate its values by commas' : ''}`,
      );
    seen.add(name);
    const path = match[2] === '' ? [] : match[2]!.slice(1, -1).split('][');
    parameters.push({ name, family: match[1]!, path, value, rawValue });
  }
  return parameters;
}

function refused(name: string, detail: string): ApiError {
  return new ApiError('unsupported_parameter', { detail, parameter: shorten(name) });
}

function decode(text: string, refuse: (problem: string) => ApiError): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refuse(
      /%(?![0-9a-f]{2})/i.test(text)
        ? 'is not UTF-8 in percent-encoding: write %25 for a percent sign'
        : 'is not UTF-8',
    );
  }
}

/** The value where a + stands for itself, as in an email that nobody percent-encoded. */
export function valueWithPlus({ value, rawValue }: Parameter): string {
  return rawValue.includes('+') ? decodeURIComponent(rawValue) : value;
}

export function writeParameters(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
