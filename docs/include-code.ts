// Code of the project in a page: the block after `<!-- code: FILE -->` is the file, the one after `<!-- code: FILE REGION -->`
// what stands in the file between `// #region REGION` and `// #endregion`. `npm run docs` writes the blocks.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const block = /(<!-- code: (\S+)(?: (\S+))? -->\n\n)```ts\n.*?^```$/gms;

/** The page with its blocks as the files are now. @throws Error where a region is not there */
export function includeCode(page: string): string {
  return page.replaceAll(block, (_, marker: string, file: string, region?: string) => {
    const lines = readFileSync(join(root, file), 'utf8').trimEnd().split('\n');
    return `${marker}\`\`\`ts\n${withoutMarks(region === undefined ? lines : linesOf(lines, region, file))}\n\`\`\``;
  });
}

function linesOf(lines: readonly string[], region: string, file: string): readonly string[] {
  const from = lines.findIndex((line) => line.trim() === `// #region ${region}`);
  if (from === -1) throw new Error(`${file} has no region ${region}`);
  const length = lines.slice(from).findIndex((line) => line.trim() === '// #endregion');
  if (length === -1) throw new Error(`The region ${region} of ${file} does not end`);
  return lines.slice(from + 1, from + length);
}

/** Without the marks of regions, and without the indentation that all lines have. */
function withoutMarks(lines: readonly string[]): string {
  const kept = lines.filter((line) => !/^\s*\/\/ #(end)?region/.test(line));
  const indents = kept.filter((line) => line !== '').map((line) => line.search(/\S/));
  return kept.map((line) => line.slice(Math.min(...indents))).join('\n');
}
