// Copies code of the project into a page. The block after `<!-- code: FILE -->` is the whole file. The block after
// `<!-- code: FILE REGION -->` is the part between `// #region REGION` and `// #endregion`. `npm run docs` updates them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const block = /(<!-- code: (\S+)(?: (\S+))? -->\n\n```(?:ts|js)\n).*?^```$/gms;

/** @returns the page with up-to-date blocks. @throws Error if a file has no such region */
export function includeCode(page: string): string {
  return page.replaceAll(block, (_, marker: string, file: string, region?: string) => {
    const lines = readFileSync(join(root, file), 'utf8').trimEnd().split('\n');
    return `${marker}${withoutMarks(region === undefined ? lines : linesOf(lines, region, file))}\n\`\`\``;
  });
}

function linesOf(lines: readonly string[], region: string, file: string): readonly string[] {
  const from = lines.findIndex((line) => line.trim() === `// #region ${region}`);
  if (from === -1) throw new Error(`${file} has no region ${region}`);
  const length = lines.slice(from).findIndex((line) => line.trim() === '// #endregion');
  if (length === -1) throw new Error(`The region ${region} of ${file} does not end`);
  return lines.slice(from + 1, from + length);
}

/** Removes region marks and the indentation that all lines share. */
function withoutMarks(lines: readonly string[]): string {
  const code = lines.filter((line) => !/^\s*\/\/ #(end)?region/.test(line));
  const indents = code.filter((line) => line !== '').map((line) => line.search(/\S/));
  return code.map((line) => line.slice(Math.min(...indents))).join('\n');
}
