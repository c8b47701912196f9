// The character between the cells of a CSV file: a comma, a semicolon (Excel in most of Europe) or a tab.

import type { Line } from './read-lines.ts';

const delimiters = [',', ';', '\t'] as const;

/** The first line of a file of Excel may name the delimiter. */
const named = /^"?sep=([^"])"?\r?$/i;

/** A file of CSV whose delimiter is known. */
export interface DelimitedLines {
  readonly delimiter: string;
  /** The text of the first line that has any; empty if that names the delimiter. */
  readonly firstLine: string;
  /** Without the line that names the delimiter. */
  readonly lines: AsyncIterable<readonly Line[]>;
}

/**
 * Finds the delimiter: the given one, else the one that a line `sep=` names, else the one that the first line with text
 * has most often outside of quotes. A file with one column has a comma.
 */
export async function findDelimiter(
  batches: AsyncIterable<readonly Line[]>,
  given: string | undefined,
): Promise<DelimitedLines> {
  const source = batches[Symbol.asyncIterator]();
  const read: Line[] = [];
  let first: Line | undefined;
  while (first === undefined) {
    const next = await source.next();
    if (next.done) break;
    read.push(...next.value);
    first = read.find((line) => !('text' in line) || line.text.trim() !== '');
  }
  const text = first !== undefined && 'text' in first ? first.text : '';
  const [, inFile] = named.exec(text) ?? [];
  const rest = inFile === undefined ? read : read.filter((line) => line !== first);
  async function* lines(): AsyncGenerator<readonly Line[]> {
    yield rest;
    yield* { [Symbol.asyncIterator]: () => source };
  }
  const firstLine = inFile === undefined ? text : '';
  return { delimiter: given ?? inFile ?? mostFrequent(text), firstLine, lines: lines() };
}

function mostFrequent(text: string): string {
  const unquoted = text.replaceAll(/"[^"]*"?/g, '');
  const counts = delimiters.map((one) => unquoted.split(one).length);
  return delimiters[counts.indexOf(Math.max(...counts))]!;
}
