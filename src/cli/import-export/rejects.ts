// The file of --rejects: refused rows as they were, with their reasons, to be mended and imported again.

import { JsonError, readJson } from '../../model/json.ts';
import { FileExists, writePrivateFile } from '../../platform/private-files.ts';
import { CommandError } from '../print.ts';
import { knownColumn, reasonsColumn } from './column-names.ts';
import { csvLine } from './files/csv.ts';
import type { Original } from './files/file-record.ts';
import type { Layout } from './files/read-records.ts';

export interface Rejects {
  add(original: Original, reasons: readonly string[]): void;
  /** Adds what accounts refer to. It is written behind the refused rows. */
  keep(original: Original): void;
  /** Writes what was added. */
  flush(): Promise<void>;
}

/** What is written of the file: its beginning, each row, what is between rows, and its end. */
interface RejectsFormat {
  readonly start: string;
  /** @param reasons null for what is not refused */
  row(original: Original, reasons: string | null): string;
  readonly between: string;
  readonly end: string;
}

/**
 * Runs `work` with a file for refused rows, in the layout of the file that is imported. The file is complete also if the
 * work fails. If no row was refused, there is none.
 * @throws FileError, and whatever the work throws
 */
export async function withRejects(
  target: string,
  layout: Layout,
  work: (rejects: Rejects) => Promise<void>,
): Promise<void> {
  const { start, row, between, end } = formatOf(layout);
  let isEmpty = true;
  const kept: Original[] = [];
  let failed: { readonly error: unknown } | undefined;
  const writing = writePrivateFile(target, { overwrite: false }, async ({ write }) => {
    let waiting = '';
    const flush = async () => {
      const text = waiting;
      waiting = '';
      if (text !== '') await write(text);
    };
    const add = (original: Original, reasons: readonly string[]) => {
      waiting += `${isEmpty ? start : between}${row(original, reasons.join(', '))}`;
      isEmpty = false;
    };
    await work({ add, flush, keep: (original) => kept.push(original) }).catch((error) => {
      failed = { error };
    });
    if (isEmpty) throw new NothingRefused();
    for (const original of kept) waiting += `${between}${row(original, null)}`;
    waiting += end;
    await flush();
  });
  await writing.catch((error) => {
    if (error instanceof FileExists)
      throw new CommandError(`${error.message}; name another file for refused rows`, { cause: error });
    if (!(error instanceof NothingRefused)) throw error;
  });
  if (failed !== undefined) throw failed.error;
}

class NothingRefused extends Error {}

function formatOf(layout: Layout): RejectsFormat {
  if (layout.format === 'ldif') return ldifFormat;
  return layout.format === 'csv' ? csvFormat(layout) : jsonFormat(layout);
}

/** Entries as they were, each after a comment with the reasons. */
const ldifFormat: RejectsFormat = {
  start: '',
  row: (original, reasons) =>
    `${reasons === null ? '' : `# ${reasonsColumn}: ${reasons}\n`}${'text' in original ? original.text.trimEnd() : ''}\n`,
  between: '\n',
  end: '',
};

/** Begins with a byte order mark, without which spreadsheets read wrong letters, and would save them. */
function csvFormat({ head, delimiter }: Layout & { format: 'csv' }): RejectsFormat {
  const kept = [...head.keys()].filter((i) => knownColumn(head[i]!) !== reasonsColumn);
  return {
    start: `\ufeff${csvLine([...kept.map((i) => head[i]!), reasonsColumn], delimiter)}`,
    row(original, reasons) {
      // The text of a row without cells is in its first cell: such a row is refused again until it is mended.
      const cells =
        'cells' in original
          ? kept.map((i) => original.cells[i]!)
          : kept.map((_, i) => (i === 0 ? original.text.replace(/\r$/, '') : ''));
      return csvLine([...cells, reasons ?? ''], delimiter);
    },
    between: '',
    end: '',
  };
}

function jsonFormat({ isList, around }: Layout & { format: 'json' }): RejectsFormat {
  const lists = [...(around?.others ?? [])].map(
    ([name, texts]) => `${JSON.stringify(name)}:[\n${texts.join(',\n')}\n],\n`,
  );
  const [start, end] =
    around === null ? ['[\n', '\n]\n'] : [`{${lists.join('')}${JSON.stringify(around.list)}:[\n`, '\n]}\n'];
  return {
    start: isList ? start : '',
    row(original, reasons) {
      const text = 'text' in original ? original.text.trim() : '';
      return reasons === null ? text : rejectedObject(text, reasons);
    },
    between: isList ? ',\n' : '\n',
    end: isList ? end : '\n',
  };
}

/** The text of the object with one more member. What is no object is refused again, for a member that is unknown. */
function rejectedObject(text: string, reasons: string): string {
  const reason = `${JSON.stringify(reasonsColumn)}:${JSON.stringify(reasons)}`;
  const object = objectOf(text);
  if (object === null) return `{"unreadable":${JSON.stringify(text)},${reason}}`;
  const kept = Object.entries(object).filter(([name]) => knownColumn(name) !== reasonsColumn);
  if (kept.length === 0) return `{${reason}}`;
  if (kept.length === Object.keys(object).length) return `${text.slice(0, -1).trimEnd()},${reason}}`;
  const members = kept.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${members.join()},${reason}}`;
}

function objectOf(text: string): object | null {
  try {
    const value = readJson(text);
    return typeof value === 'object' && !Array.isArray(value) && !JSON.isRawJSON(value) ? value : null;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}
