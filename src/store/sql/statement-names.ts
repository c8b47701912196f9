// Names of prepared statements: the same text has the same name on every connection, and another text never has it.

import { hash } from 'node:crypto';

const names = new Map<string, string>();
const maxNames = 2000;

export function statementName(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    if (names.size >= maxNames) names.delete(names.keys().next().value!);
    name = hash('sha256', text, 'base64url');
    names.set(text, name);
  }
  return name;
}
