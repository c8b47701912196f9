// SQL made once per shape: queries that differ in their values alone share one text and one prepared statement. Building
// and compiling a query costs several times what running it does.

import type { CompiledQuery, Kysely } from 'kysely';
import type { Awaitable } from '../../model/awaitable.ts';
import type { Engine } from './engine.ts';

/** Stands for a value while a query is built; the value takes its place each time that the query runs. */
export class Parameter {
  readonly index: number;
  readonly convert: ((value: unknown) => unknown) | undefined;

  constructor(index: number, convert?: (value: unknown) => unknown) {
    this.index = index;
    this.convert = convert;
  }

  /** The same value, changed on its way into the query. */
  map(convert: (value: never) => unknown): Parameter {
    return new Parameter(this.index, convert as (value: unknown) => unknown);
  }
}

interface Compilable {
  compile(): CompiledQuery<unknown>;
}

type Run = <R>(query: CompiledQuery<R>) => Awaitable<R[]>;

const maxShapes = 1000;

/**
 * @param run a compiled query on the connection that it is for
 * @returns a function that runs the query of a shape with values; `build` is called only for a new shape, with a slot
 *   for each value, and everything else that it depends on must be part of the key
 */
export function compiledQueries(known: Map<string, CompiledQuery<unknown>>, run: Run) {
  return function query<R>(
    key: string,
    values: readonly unknown[],
    build: (slots: readonly Parameter[]) => Compilable,
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
    return run({ ...compiled, parameters } as CompiledQuery<R>);
  };
}

/** How a connection runs compiled queries: the reader by the engine's shortest way, a transaction by its own. */
export function runOn(engine: Engine, db: Kysely<never>): Run {
  if ((db as unknown) === engine.reader) return engine.queryNow ?? engine.query;
  return async (query) => (await db.executeQuery(query)).rows;
}
