// `muster users import`: creates accounts from a file.

import { availableParallelism } from 'node:os';
import type { Config } from '../../config.ts';
import { hashRules } from '../../hash-settings.ts';
import { zone } from '../../model/zone.ts';
import { organizations } from '../../resources/organizations/organizations.ts';
import { type ImportCounts, importUsers } from '../../resources/users/import-users.ts';
import { passwordHasher } from '../../security/passwords.ts';
import type { Store } from '../../store/store.ts';
import { importPolicy } from '../password-policy.ts';
import { CommandError, type OutputOptions, printRecord } from '../print.ts';
import { progressBar } from '../progress.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import type { Encoding } from './encoding.ts';
import { type FileFormat, formatOf, openSource } from './read-records.ts';

export interface ImportCommandOptions extends OutputOptions {
  readonly format?: FileFormat;
  readonly encoding?: Encoding;
  readonly organization?: number;
  readonly fromLine: number;
  readonly withPrivileges?: boolean;
  readonly anyPassword?: boolean;
}

export async function importCommand(
  store: Store,
  config: Config,
  file: string,
  options: ImportCommandOptions,
): Promise<void> {
  const { format = formatOf(file), encoding, organization, fromLine, json } = options;
  if (organization !== undefined && (await store.read.records(organizations).find(organization)) === null)
    throw new CommandError(`There is no organization ${organization}`);
  const passwordPolicy = await importPolicy(config);
  const stop = stopOnSignals();
  const source = openSource(file, { format, encoding, fromLine, signal: stop.signal });
  const progress = progressBar(source.totalBytes);
  let doneLine = fromLine - 1;
  let counts: ImportCounts = { rows: 0, created: 0, existing: 0, refused: 0 };
  try {
    await importUsers(source.records, {
      store,
      clock: Date.now,
      zone: zone(config.timeZone),
      passwords: passwordHasher(Number.POSITIVE_INFINITY, { maxRunning: availableParallelism() }),
      passwordPolicy,
      hashRules: hashRules(config),
      publicUrl: config.publicUrl,
      anyPassword: options.anyPassword ?? false,
      withPrivileges: options.withPrivileges ?? false,
      organizationId: organization ?? null,
      signal: stop.signal,
      onRefused: (line, reason) => process.stderr.write(`line ${line}: ${reason}\n`),
      onBatch(committed, line) {
        counts = { ...committed };
        doneLine = line;
        progress.update(source.readBytes(), committed.rows);
      },
    });
  } catch (error) {
    if (counts.rows > 0)
      process.stderr.write(
        `\nStopped after line ${doneLine}. To continue, add --from-line ${doneLine + 1}.\n`,
      );
    if (!stop.signal.aborted) throw error;
    process.exitCode = stop.exitCode;
  } finally {
    progress.stop();
    stop.release();
  }
  if (counts.rows === 0 && fromLine > 1 && !stop.signal.aborted) {
    const lastLine = source.lastLine();
    const last = lastLine === 0 ? 'The file has no records.' : `The last one begins on line ${lastLine}.`;
    const nothing = `no record begins on line ${fromLine} or later. ${last}`;
    // An import that was stopped after the last record has suggested the line after it.
    if (lastLine === 0 || fromLine > lastLine + 1) throw new CommandError(`Nothing was imported: ${nothing}`);
    process.stderr.write(`Nothing is left to import: ${nothing}\n`);
  }
  printRecord({ ...counts }, { ...(json && { json }) });
  if (counts.refused > 0) process.exitCode ||= 1;
}
