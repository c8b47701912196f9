// Parses the query string strictly. It is form-urlencoded; brackets may be literal or percent-encoded.

import { ApiError } from '../errors.ts';

export interface Parameter {
  /** Decoded name, for example `filter[email][eq]`. */
  readonly name: string;
  /**
   * The part before the brackets, for example `filter`. `path` has the parts in brackets, for example `['email',
   * 'eq']`.
   */
  readonly family: string;
  readonly path: readonly string[];
  /** Decoded as form-urlencoded, so a + becomes a space. */
  readonly value: string;
  /** The value as the client sent it. */
  readonly rawValue: string;
}

/** Families of parameters that take lists of values. */
const takesLists: ReadonlySet<string> = new Set(['filter', 'fields', 'sort']);

const namePattern = /^([A-Za-z][\w-]*)((?:\[[^[\]]*\])*)$/;

export function unsupportedParameter(name: string): ApiError {
  return new ApiError('unsupported_parameter', {
    detail: `Parameter '${shorten(name)}' is not supported on this endpoint`,
    parameter: shorten(name),
  });
}

/** Shortens input of a client for an error message. */
export function shorten(text: string): string {
  const clean = text.toWellFormed();
  return clean.length > 100 ? `${clean.slice(0, 100).toWellFormed()}…` : clean;
}

/**
 * @throws ApiError unsupported_parameter if a parameter is malformed, is not UTF-8, or is given twice and is not a
 * list
 */
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
    // A name that ends in `[]` may repeat: each adds an item to the list. Of tokens, authentication reads each.
    if (seen.has(name) && !name.endsWith('[]') && name !== 'token')
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
        ? 'has an invalid percent-encoding: write %25 for a percent sign'
        : 'is not UTF-8',
    );
  }
}

/** The value with a + kept as a plus sign, for example in an email that was not percent-encoded. */
export function valueWithPlus({ value, rawValue }: Parameter): string {
  return rawValue.includes('+') ? decodeURIComponent(rawValue) : value;
}

export function writeParameters(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
