import type { Resource, Row } from '../../src/model/resource.ts';

/** A row of a resource with values for its non-nullable attributes only. */
export function minimalRow({ type, columns, attributes }: Resource): Row {
  const values = { text: type, integer: 1, boolean: true };
  const needed = columns.filter(
    (name) => !attributes[name]!.nullable && attributes[name]!.default === undefined,
  );
  return Object.fromEntries(
    needed.map((name) => {
      const { kind } = attributes[name]!;
      return [name, kind.json ? '{}' : values[kind.column]];
    }),
  );
}
