// `muster users export`: writes all accounts to a file that `users import` can read.

import { zone } from '../../model/zone.ts';
import { users } from '../../resources/users/users.ts';
import type { Store } from '../../store/store.ts';
import { CommandError } from '../print.ts';
import { progressBar } from '../progress.ts';
import { type Write, writeOutput } from '../write-output.ts';
import { type AccountLayout, csvLayout, jsonLayout, originText } from './account-layout.ts';
import { pagesOfRows } from './pages-of-rows.ts';

export type ExportFormat = 'csv' | 'ndjson';

export interface ExportCommandOptions {
  readonly format?: ExportFormat;
  readonly hashes?: boolean;
  /** Writes CSV that a spreadsheet opens with the right letters and without formulas. */
  readonly forSpreadsheet?: boolean;
  /** What is between the cells of CSV; by default a comma. */
  readonly delimiter?: string;
  /** Replaces the file if it exists. */
  readonly overwrite?: boolean;
}

const utc = zone('UTC');

/** @param file a path, or - for standard output */
export async function exportCommand(
  store: Store,
  file: string,
  options: ExportCommandOptions,
): Promise<void> {
  const { hashes = false, overwrite = false } = options;
  const layout = layoutOf(file, options);
  await writeOutput(file, overwrite, (write) => writeAccounts(store, write, layout, hashes));
}

/** @throws CommandError if an option for CSV is given with another format */
function layoutOf(file: string, options: ExportCommandOptions): AccountLayout {
  const { format = formatOf(file, options), delimiter, forSpreadsheet } = options;
  if (format === 'csv') return csvLayout(options);
  const option = forSpreadsheet ? '--for-spreadsheet' : delimiter === undefined ? null : '--delimiter';
  if (option !== null)
    throw new CommandError(`${option} is for CSV: choose a name that ends with .csv, or add --format csv`);
  return jsonLayout;
}

function formatOf(file: string, { forSpreadsheet }: ExportCommandOptions): ExportFormat {
  return /\.csv$/i.test(file) || (file === '-' && forSpreadsheet) ? 'csv' : 'ndjson';
}

/** Writes every account in the order of ids, with its memberships, and with its password hash if `hashes` is set. */
async function writeAccounts(
  store: Store,
  write: Write,
  layout: AccountLayout,
  hashes: boolean,
): Promise<void> {
  const { rowCount } = await store.read.records(users).state();
  const progress = progressBar(rowCount);
  const organizations = new Map((await store.read.organizations.list()).map(({ id, name }) => [id, name]));
  await write(layout.start);
  let done = 0;
  for await (const rows of pagesOfRows(store, users)) {
    const ids = rows.map(({ id }) => id);
    const memberships = Map.groupBy(await store.read.memberships.listAllOf(ids), ({ user_id }) => user_id);
    const origins = await store.read.origins.listOf(ids);
    const known = hashes ? await store.read.passwords.listOf(ids) : new Map<number, string>();
    const lines = rows.map((row) => {
      const own = (memberships.get(row.id) ?? []).map(
        ({ organization_id, role, created_at, expires_at }) => ({
          organization_id,
          organization_name: organizations.get(organization_id),
          role,
          created_at: utc.format(created_at),
          expires_at: expires_at === null ? null : utc.format(expires_at),
        }),
      );
      const origin = origins.get(row.id);
      return layout.account(row, {
        memberships: own,
        origin: origin === undefined ? null : originText(origin),
        hash: known.get(row.id) ?? null,
      });
    });
    await write(lines.join(''));
    done += rows.length;
    progress.update(done, done);
  }
  progress.stop();
}
