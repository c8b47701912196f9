// `users import`.

import { availableParallelism } from 'node:os';
import type { Config } from '../config.ts';
import { zone } from '../model/zone.ts';
import { type ImportCounts, importUsers } from '../resources/users/import-users.ts';
import { passwordHasher } from '../security/passwords.ts';
import type { Store } from '../store/store.ts';
import { CommandError, type OutputOptions, printRecord } from './print.ts';
import { progressBar } from './progress.ts';
import { type FileFormat, formatOf, openSource } from './read-records.ts';

export interface ImportCommandOptions extends OutputOptions {
  readonly format?: FileFormat;
  readonly organization?: number;
  readonly fromLine: number;
}

export async function importCommand(
  store: Store,
  config: Config,
  file: string,
  { format = formatOf(file), organization, fromLine, json }: ImportCommandOptions,
): Promise<void> {
  if (organization !== undefined && (await store.read.organizations.find(organization)) === null)
    throw new CommandError(`There is no organization ${organization}`);
  let unreadable = 0;
  const onRefused = (line: number, reason: string) => process.stderr.write(`line ${line}: ${reason}\n`);
  const source = openSource(file, format, (line, reason) => {
    unreadable++;
    onRefused(line, reason);
  });
  const progress = progressBar(source.totalBytes);
  let doneLine = 0;
  let counts: ImportCounts;
  try {
    counts = await importUsers(fromLineOn(source.records, fromLine), {
      store,
      clock: Date.now,
      zone: zone(config.timeZone),
      passwords: passwordHasher(Number.POSITIVE_INFINITY, availableParallelism()),
      organizationId: organization ?? null,
      onRefused,
      onBatch({ rows }, line) {
        doneLine = line;
        progress.update(source.readBytes(), rows);
      },
    });
  } catch (error) {
    process.stderr.write(
      `\nStopped after line ${doneLine}; --from-line ${doneLine + 1} goes on from there.\n`,
    );
    throw error;
  } finally {
    progress.stop();
  }
  const { rows, created, existing, refused } = counts;
  printRecord(
    { rows: rows + unreadable, created, existing, refused: refused + unreadable },
    { ...(json && { json }) },
  );
  if (refused + unreadable > 0) process.exitCode = 1;
}

async function* fromLineOn<T extends { line: number }>(
  records: AsyncIterable<T>,
  first: number,
): AsyncIterable<T> {
  for await (const record of records) if (record.line >= first) yield record;
}
