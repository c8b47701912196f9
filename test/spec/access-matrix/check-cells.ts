// Runs the cells of the matrix, many at once, and reports every cell that is wrong.

import assert from 'node:assert/strict';
import type { Answer } from '../../support/start-app.ts';
import type { Asker } from './expectation.ts';

const maxReported = 20;

/**
 * @param nameOf names the cell in the report
 * @param atOnce 1 if the cells must come one after the other
 * @throws AssertionError that names each cell whose check throws
 */
export async function checkCells<T>(
  cells: readonly T[],
  nameOf: (cell: T) => string,
  check: (cell: T) => Promise<void>,
  atOnce = 16,
): Promise<void> {
  const wrong: string[] = [];
  const waiting = cells.values();
  const work = async () => {
    for (const cell of waiting)
      await check(cell).catch((error) => wrong.push(`${nameOf(cell)}: ${error.message}`));
  };
  assert.ok(cells.length > 0, 'there are no cells');
  await Promise.all(Array.from({ length: atOnce }, work));
  const rest = wrong.length > maxReported ? [`and ${wrong.length - maxReported} more`] : [];
  assert.equal(wrong.length, 0, [...wrong.slice(0, maxReported), ...rest].join('\n\n'));
}

/** For example `the member in acme`. */
export function nameOfAsker({ account, header }: Asker): string {
  return `the ${account.name}${header === null ? '' : ` in ${header}`}`;
}

/** A few callers who differ as much as any, for answers that depend on nobody. */
export function unlikeAskers(askers: readonly Asker[]): Asker[] {
  const names = ['owner', 'member', 'nobody', 'sysadmin', 'root'];
  return askers.filter(({ account, header }) => header === null && names.includes(account.name));
}

/** Everything by which two answers could be told apart. */
export function fingerprint({ status, headers, text }: Answer) {
  const told = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
  return { status, headers: Object.fromEntries(told), text };
}

/** One answer for each tag of a URL, whoever asks: otherwise somebody's 304 would be for another's document. */
export function tagKeeper(): (path: string, answer: Answer) => void {
  const texts = new Map<string, string>();
  return (path, { headers, text }) => {
    const key = `${path} ${headers.get('etag')}`;
    assert.equal(texts.get(key) ?? text, text, 'another answer has the same tag');
    texts.set(key, text);
  };
}
