// Joins parts of an expression by an operator.

import { type RawBuilder, sql } from 'kysely';

/**
 * Split in halves: SQLite refuses expressions deeper than 1,000, and a flat list of parts is as deep as it is long
 * (sqlite.org/limits.html).
 * @param parts at least one
 */
export function joined<T>(parts: readonly RawBuilder<T>[], operator: string): RawBuilder<T> {
  if (parts.length <= 100) return sql<T>`(${sql.join(parts, sql.raw(operator))})`;
  const middle = parts.length >> 1;
  return joined([joined(parts.slice(0, middle), operator), joined(parts.slice(middle), operator)], operator);
}
