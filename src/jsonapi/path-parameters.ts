// Kinds of path parameters: how each is read and described, and whether it may be logged.

import { readId } from '../model/id.ts';
import type { Json } from './openapi-schemas.ts';

/** `id`: the id of a record. `token`: an opaque secret, for example in a link in an email. */
export type ParameterKind = 'id' | 'token';

/** Kinds by parameter name. */
export type PathParameters = Readonly<Record<string, ParameterKind>>;

interface Kind {
  readonly description: string;
  readonly schema: Json;
  /** Masked in the log. */
  readonly secret: boolean;
}

export const parameterKinds: Readonly<Record<ParameterKind, Kind>> = {
  id: {
    description: 'The id of the record.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$', examples: ['1'] },
    secret: false,
  },
  token: {
    description: 'The token in a link.',
    schema: { type: 'string', minLength: 1 },
    secret: true,
  },
};

/** The parameter values of a request's path. */
export interface PathValues {
  /** 0 if the text is not an id. No record has the id 0, so the response is "not found". */
  readonly ids: Readonly<Record<string, number>>;
  readonly tokens: Readonly<Record<string, string>>;
}

/** Names of the parameters in a path, in order. */
export function namesInPath(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
}

/** @returns a function that writes the path with these values, in canonical form */
export function pathWriter(path: string): (values: PathValues) => string {
  if (namesInPath(path).length === 0) return () => path;
  return ({ ids, tokens }) =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(tokens[name] ?? String(ids[name])));
}

const nothing: Readonly<Record<string, never>> = {};

/** @returns a function that reads the percent-decoded values, by name */
export function pathReader(
  kinds: PathParameters = nothing,
): (given: Readonly<Record<string, string>>) => PathValues {
  const named = (kind: ParameterKind) => Object.keys(kinds).filter((name) => kinds[name] === kind);
  const [ids, tokens] = [reader(named('id'), (text) => readId(text) ?? 0), reader(named('token'), String)];
  return (given) => ({ ids: ids(given), tokens: tokens(given) });
}

function reader<T>(names: readonly string[], read: (text: string) => T) {
  return (given: Readonly<Record<string, string>>): Readonly<Record<string, T>> => {
    if (names.length === 0) return nothing;
    const values: Record<string, T> = {};
    for (const name of names) values[name] = read(given[name]!);
    return values;
  };
}
