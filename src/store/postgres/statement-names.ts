// Names of prepared statements: the same text has the same name on every connection, and another text never has it.

import { hash } from 'node:crypto';

const names = new Map<string, string>();
const maxNames = 2000;

/**
 * None for a statement that looks for a text: it is planned each time that it is run, as how rare the text is decides
 * how to look for it. A plan for any text walks the whole table for one that stands in few rows.
 */
export function statementName(text: string): string | undefined {
  if (text.includes(' like ')) return undefined;
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= maxNames) names.delete(names.keys().next().value!);
    name = hash('sha256', text, 'base64url');
    names.set(text, name);
  }
  return name;
}
