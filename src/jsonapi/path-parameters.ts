// What a parameter of a path may be: how it is read, described, and whether it may be shown.

import { readId } from '../model/id.ts';
import type { Json } from './openapi-schemas.ts';

/** `id`: the id of a record. `token`: an opaque text that lets whoever knows it in. */
export type ParameterKind = 'id' | 'token';

/** Kinds by the names that stand in braces in the path. */
export type PathParameters = Readonly<Record<string, ParameterKind>>;

interface Kind {
  readonly description: string;
  readonly schema: Json;
  /** Never logged. */
  readonly secret: boolean;
}

export const parameterKinds: Readonly<Record<ParameterKind, Kind>> = {
  id: {
    description: 'The id of the record.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$', examples: ['1'] },
    secret: false,
  },
  token: {
    description: 'The token of a link.',
    schema: { type: 'string', minLength: 1 },
    secret: true,
  },
};

/** The values of a path. */
export interface PathValues {
  /** 0, which no record has, for what is no id. */
  readonly ids: Readonly<Record<string, number>>;
  readonly tokens: Readonly<Record<string, string>>;
}

/** The names in the braces of a path, in their order. */
export function namesInPath(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
}

const nothing: Readonly<Record<string, never>> = {};

/** @returns how the values of a path are read, decoded already, by their names */
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
