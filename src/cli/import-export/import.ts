// `muster users import`: creates accounts from a file.

import { availableParallelism } from 'node:os';
import type { Config } from '../../config.ts';
import { hashRules } from '../../hash-settings.ts';
import { zone } from '../../model/zone.ts';
import { organizations } from '../../resources/organizations/organizations.ts';
import { type ImportCounts, type ImportOptions, importUsers } from '../../resources/users/import-users.ts';
import type { HashSecrets } from '../../security/hash-formats/foreign-hash.ts';
import { passwordHasher } from '../../security/passwords.ts';
import type { Store } from '../../store/store.ts';
import { importPolicy } from '../password-policy.ts';
import { CommandError, JsonText, type OutputOptions, printRecord } from '../print.ts';
import { progressBar } from '../progress.ts';
import { type Stop, stopOnSignals } from '../stop-on-signals.ts';
import type { ColumnMap } from './column-map.ts';
import type { Encoding } from './files/encoding.ts';
import { type ImportFormat, importFormatOf, sizeOf } from './files/file-format.ts';
import type { FileRecord } from './files/file-record.ts';
import { openSource, type Source, type SourceOptions } from './files/read-records.ts';
import { fromSystem } from './from-system.ts';
import { withSource } from './named-source.ts';
import { ownAccounts } from './own-accounts.ts';
import { type Refusals, refusals } from './refusals.ts';
import { type Rejects, withRejects } from './rejects.ts';
import type { SystemName } from './systems/systems.ts';

export interface ImportCommandOptions extends OutputOptions {
  /** The system that has written the file; by default the columns have Muster's names. */
  readonly from?: SystemName;
  /** Name of the system in external ids; by default that of `from`. */
  readonly source?: string;
  /** A file, see SystemOptions. */
  readonly hashConfig?: string;
  readonly format?: ImportFormat;
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  readonly map?: ColumnMap;
  readonly ignoreUnknown?: boolean;
  readonly dryRun?: boolean;
  /** A file for refused rows. */
  readonly rejects?: string;
  readonly organization?: number;
  readonly fromLine?: number;
  readonly fromRecord?: number;
  readonly withPrivileges?: boolean;
  readonly anyPassword?: boolean;
}

/** Checks what can be checked without a database. @throws CommandError */
export async function checkImport(file: string, options: ImportCommandOptions): Promise<void> {
  if (file !== '-') sizeOf(file);
  await accountsOf(file, options, null);
}

/** What reads the accounts of the file. @param hashSecrets null before the settings are read */
async function accountsOf(
  file: string,
  options: ImportCommandOptions,
  hashSecrets: HashSecrets | null,
): Promise<Pick<SourceOptions, 'format' | 'reader' | 'paths' | 'csvForm'>> {
  const format = options.format ?? importFormatOf(file);
  if (options.from !== undefined)
    return { format, ...(await fromSystem(options.from, format, options.hashConfig, hashSecrets)) };
  if (options.source !== undefined) throw new CommandError('--source goes with --from');
  if (format === 'ldif') throw new CommandError('LDIF comes from a directory: add --from ldif');
  return { format, reader: ownAccounts(options) };
}

export async function importCommand(
  store: Store,
  config: Config,
  file: string,
  options: ImportCommandOptions,
): Promise<void> {
  const { organization, fromLine, fromRecord, dryRun = false } = options;
  if (organization !== undefined && (await store.read.records(organizations).find(organization)) === null)
    throw new CommandError(`There is no organization ${organization}`);
  const passwordPolicy = await importPolicy(config);
  const hashing = hashRules(config);
  const stop = stopOnSignals();
  try {
    const source = await openSource(file, {
      ...(await accountsOf(file, options, hashing.secrets)),
      ...{ encoding: options.encoding, delimiter: options.delimiter },
      from: fromLine ?? fromRecord ?? 1,
      fromUnit: fromLine !== undefined ? 'line' : fromRecord !== undefined ? 'record' : null,
      signal: stop.signal,
    });
    const rules: ImportRulesOfCommand = {
      store,
      clock: Date.now,
      zone: zone(config.timeZone),
      passwords: passwordHasher(Number.POSITIVE_INFINITY, { maxRunning: availableParallelism() }),
      passwordPolicy,
      hashRules: hashing,
      publicUrl: config.publicUrl,
      anyPassword: options.anyPassword ?? false,
      withPrivileges: options.withPrivileges ?? false,
      organizationId: organization ?? null,
      isRehearsal: dryRun,
    };
    const work = (rejects: Rejects | null) => importFrom(source, rules, options, stop, rejects);
    if (options.rejects === undefined) await work(null);
    else await withRejects(options.rejects, source.layout, work);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.exitCode = stop.exitCode;
  } finally {
    stop.release();
  }
}

type ImportRulesOfCommand = Omit<ImportOptions<FileRecord>, 'onRefused' | 'onBatch' | 'signal'>;

async function importFrom(
  source: Source,
  rules: ImportRulesOfCommand,
  options: ImportCommandOptions,
  { signal }: Stop,
  rejects: Rejects | null,
): Promise<void> {
  const { dryRun = false, fromLine, fromRecord, source: named } = options;
  const { unit } = source;
  const from = fromLine ?? fromRecord ?? 1;
  const refused = refusals(unit);
  const skipped = refusals(unit, 0);
  const progress = progressBar(source.totalBytes);
  let done = from - 1;
  let counts: ImportCounts = { rows: 0, created: 0, existing: 0, skipped: 0, refused: 0 };
  try {
    const { records } = source;
    await importUsers(named === undefined ? records : withSource(records, named), {
      ...rules,
      signal,
      onRefused(record, reasons) {
        refused.add(record, reasons);
        rejects?.add(record.original, reasons);
      },
      onSkipped(record, reason) {
        skipped.add(record, [reason]);
        if ('skipped' in record && record.isContext) rejects?.keep(record.original);
      },
      async onBatch(committed, line) {
        counts = { ...committed };
        done = line;
        progress.update(source.readBytes(), committed.rows);
        await rejects?.flush();
      },
    });
  } catch (error) {
    if (counts.rows > 0 && !dryRun)
      process.stderr.write(`\nStopped after ${unit} ${done}. To continue, add --from-${unit} ${done + 1}.\n`);
    if (!signal.aborted) throw error;
    printOutcome(counts, refused, skipped, options);
    throw error;
  } finally {
    progress.stop();
  }
  if (counts.rows === 0 && from > 1) explainNothing(source, from);
  else if (counts.rows === counts.skipped && from === 1) process.stderr.write('The file has no accounts.\n');
  printOutcome(counts, refused, skipped, options);
  if (counts.refused > 0) process.exitCode ||= 1;
}

/** @throws CommandError unless an import that was stopped after the last record has suggested to begin there */
function explainNothing(source: Source, from: number): void {
  const last = source.lastRead();
  const isLine = source.unit === 'line';
  const end =
    last === 0
      ? 'The file has no records.'
      : isLine
        ? `The last one begins on line ${last}.`
        : `The last one is record ${last}.`;
  const nothing = `${isLine ? `no record begins on line ${from}` : `there is no record ${from}`} or later. ${end}`;
  if (last === 0 || from > last + 1) throw new CommandError(`Nothing was imported: ${nothing}`);
  process.stderr.write(`Nothing is left to import: ${nothing}\n`);
}

function printOutcome(
  { skipped, ...counts }: ImportCounts,
  refused: Refusals,
  notAccounts: Refusals,
  { dryRun = false, json, from }: ImportCommandOptions,
): void {
  notAccounts.printSums('Skipped records by reason:', false);
  refused.printSums('Refused rows by reason:', dryRun);
  if (dryRun) process.stderr.write('Nothing was written. An import would do this:\n');
  const reasons = new JsonText(JSON.stringify(refused.sums()));
  printRecord(
    {
      ...counts,
      // Only files of other systems have records that are no accounts.
      ...(from !== undefined && { skipped }),
      ...(dryRun && json && { dry_run: true, reasons }),
    },
    { ...(json && { json }) },
  );
}
