// The commands that a page of docs tells people to type, and what the page says that they print.

import { readFileSync } from 'node:fs';

export interface Block {
  /** Lines of shell. */
  readonly commands: string;
  /** The block behind it that shows what it prints, if there is one. `…` stands for text that is left out. */
  readonly shown: string | null;
}

/** The blocks of shell of a page, or of one of its sections. @throws Error if there is no such section */
export function blocksOf(page: string, section?: string): Block[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const part =
    section === undefined
      ? text
      : text.split(/^## /m).find((candidate) => candidate.startsWith(`${section}\n`));
  if (part === undefined) throw new Error(`${page} has no section "${section}"`);
  return [...part.matchAll(/^```sh\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?/gms)].map(
    ([, commands, shown = null]) => ({ commands: commands!, shown }),
  );
}

/** Whether the text is what the page shows. */
export function isAsShown(shown: string, text: string): boolean {
  const [start, ...others] = shown.split('…');
  const end = others.pop();
  if (end === undefined) return text === shown;
  if (!text.startsWith(start!)) return false;
  let position = start!.length;
  for (const part of others) {
    const found = text.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return text.length - end.length >= position && text.endsWith(end);
}
