// A mail as plain text.

import type { MailPart, MailParts } from './mail-parts.ts';

export function writeText({ greeting, parts, footer }: MailParts): string {
  // "-- " begins a signature (RFC 3676 section 4.3).
  return `${[greeting, ...parts.flatMap(paragraphs)].join('\n\n')}\n\n-- \n${footer}\n`;
}

function paragraphs(part: MailPart): readonly string[] {
  switch (part.kind) {
    case 'facts':
      return [part.facts.map(({ name, value }) => `${name}: ${value}`).join('\n')];
    case 'button':
      // On a line of its own, so that a mail program finds where it ends.
      return [`${part.label}:\n${part.url}`];
    default:
      return [part.text];
  }
}
