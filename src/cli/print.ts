// What commands print: a table for people, JSON for programs.

/** A command that cannot be done, for a reason that its caller can mend. */
export class CommandError extends Error {}

export interface OutputOptions {
  readonly json?: boolean;
}

type Cell = string | number | boolean | null;

export function printRows(rows: readonly Readonly<Record<string, Cell>>[], { json }: OutputOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  for (const line of lines)
    process.stdout.write(
      `${line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd()}\n`,
    );
}

export function printRecord(record: Readonly<Record<string, Cell>>, { json }: OutputOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(record)}\n`);
    return;
  }
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  for (const [name, value] of Object.entries(record))
    process.stdout.write(`${name.padEnd(width)}  ${value ?? ''}\n`);
}
