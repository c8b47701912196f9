// A cache of compiled SQL. Queries that differ only in their values have the same shape, and share one text and one
// prepared statement. Building and compiling a query costs several times as much as running it.

import type { CompiledQuery, Kysely } from 'kysely';
import type { Awaitable } from '../../model/awaitable.ts';
import type { Engine } from './engine.ts';
import type { ClientOf } from './long-reads.ts';

/** A placeholder for a value while a query is built. Each time the query runs, the value replaces it. */
export class Parameter {
  readonly index: number;
  readonly convert: ((value: unknown) => unknown) | undefined;

  constructor(index: number, convert?: (value: unknown) => unknown) {
    this.index = index;
    this.convert = convert;
  }

  /** The same value, converted when the query runs. */
  map(convert: (value: never) => unknown): Parameter {
    return new Parameter(this.index, convert as (value: unknown) => unknown);
  }
}

interface Compilable {
  compile(): CompiledQuery<unknown>;
}

type Run = <R>(query: CompiledQuery<R>, client?: ClientOf) => Awaitable<R[]>;

/** See compiledQueries. */
export type RunShape = ReturnType<typeof compiledQueries>;

/** Compiled queries by key. */
export type KnownQueries = Map<string, CompiledQuery<unknown>>;

const maxShapes = 1000;

/**
 * @param known the cache. Above `maxShapes` the oldest is evicted
 * @param run runs a compiled query on one connection
 * @returns a function that runs the query of a shape with values. It calls `build` only for a new key, with a
 * placeholder for each value; everything else that the query depends on must be part of the key
 */
export function compiledQueries(known: KnownQueries, run: Run) {
  return function query<R>(
    key: string,
    values: readonly unknown[],
    build: (slots: readonly Parameter[]) => Compilable,
    client?: ClientOf,
  ): Awaitable<R[]> {
    let compiled = known.get(key);
    if (compiled === undefined) {
      compiled = build(values.map((_, index) => new Parameter(index))).compile();
      if (known.size >= maxShapes) known.delete(known.keys().next().value!);
      known.set(key, compiled);
    }
    const parameters = compiled.parameters.map((parameter) => {
      if (!(parameter instanceof Parameter)) return parameter;
      const value = values[parameter.index];
      return parameter.convert === undefined ? value : parameter.convert(value);
    });
    return run({ ...compiled, parameters } as CompiledQuery<R>, client);
  };
}

/** The fastest way to run compiled queries on a connection. */
export function runOn(engine: Engine, db: Kysely<never>): Run {
  if ((db as unknown) === engine.reader) return engine.queryNow ?? engine.query;
  return engine.queryIn(db as never) ?? (async (query) => (await db.executeQuery(query)).rows);
}
