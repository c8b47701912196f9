// Reads rows as plain objects of one shape. Node's driver makes an object without a prototype for each row, which V8 keeps
// as a dictionary: slow to make, and slow to read. So the driver returns arrays, and their values are put into copies of one
// object. A record takes a third less time, from the statement to its JSON.

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { statementCache } from './connections.ts';

type PlainRow = Record<string, unknown>;

/** Reads all rows of a statement. */
export type ReadPlain = (text: string, parameters: readonly SQLInputValue[]) => PlainRow[];

interface Shape {
  readonly names: readonly string[];
  readonly empty: PlainRow;
}

export function plainRows(database: DatabaseSync): ReadPlain {
  const statements = statementCache(database, (statement) => statement.setReturnArrays(true));
  const shapes = new WeakMap<StatementSync, Shape>();
  const shapeOf = (statement: StatementSync): Shape => {
    const known = shapes.get(statement);
    if (known !== undefined) return known;
    const names = statement.columns().map(({ name }) => name);
    const shape = { names, empty: Object.fromEntries(names.map((name) => [name, null])) };
    shapes.set(statement, shape);
    return shape;
  };
  return (text, parameters) => {
    const statement = statements(text);
    const found = statement.all(...parameters) as unknown as readonly SQLOutputValue[][];
    if (found.length === 0) return [];
    const { names, empty } = shapeOf(statement);
    return found.map((values) => {
      const row = { ...empty };
      for (let i = 0; i < names.length; i++) row[names[i]!] = values[i];
      return row;
    });
  };
}
