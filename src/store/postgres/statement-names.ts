// Names of prepared statements. The same text has the same name on every connection; different texts have different
// names.

import { hash } from 'node:crypto';

const names = new Map<string, string>();
const maxNames = 2000;

/**
 * Undefined, so not prepared, for a statement that must be planned each time:
 * - one that searches text: the best plan depends on how rare the text is, and a generic plan scans the whole table even
 *   for a text that is in few rows;
 * - one with given rows: they fill tables, and a plan that was made while a table was small scans it.
 */
export function statementName(text: string): string | undefined {
  if (text.includes(' like ') || text.includes(') as given (')) return undefined;
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= maxNames) names.delete(names.keys().next().value!);
    name = hash('sha256', text, 'base64url');
    names.set(text, name);
  }
  return name;
}
