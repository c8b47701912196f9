// An engine that notes which statements run in its transactions.

import type { Engine } from '../../src/store/sql/engine.ts';

/**
 * Compiled statements of SQLite.
 * @param beginning only statements that begin with this text
 * @returns an engine that does what this one does, and the statements, which grow
 */
export function recordingStatements(
  engine: Engine,
  beginning: string,
): { readonly recording: Engine; readonly statements: readonly string[] } {
  const statements: string[] = [];
  const queryIn: Engine['queryIn'] = (db) => {
    const run = engine.queryIn(db);
    return (
      run &&
      ((query) => {
        if (query.sql.startsWith(beginning)) statements.push(query.sql);
        return run(query);
      })
    );
  };
  return { recording: { ...engine, queryIn }, statements };
}
