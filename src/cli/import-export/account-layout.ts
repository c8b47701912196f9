// What `users export` writes for an account, in each format.

import { writeCell } from '../../model/cell.ts';
import type { Row } from '../../model/resource.ts';
import { zone } from '../../model/zone.ts';
import { users } from '../../resources/users/users.ts';
import type { Origin } from '../../store/origins.ts';
import { defuse, defusedColumn } from './defused-cells.ts';
import { csvLine } from './files/csv.ts';

/** What is written of an account beside its row. */
export interface AccountParts {
  readonly memberships: readonly object[];
  /** As JSON; null if it has not come from another system. */
  readonly origin: string | null;
  /** Null if it has no password, or if hashes are not exported. */
  readonly hash: string | null;
}

/** The texts of a file. */
export interface AccountLayout {
  readonly start: string;
  account(row: Row, parts: AccountParts): string;
}

export interface CsvOptions {
  readonly delimiter?: string;
  readonly hashes?: boolean;
  /** Begins with a byte order mark, ends lines with CR LF, and defuses cells that look like formulas. */
  readonly forSpreadsheet?: boolean;
}

const utc = zone('UTC');

export function csvLayout({ delimiter, hashes, forSpreadsheet }: CsvOptions): AccountLayout {
  const head = ['id', ...users.columns, 'memberships', 'origin', ...(hashes ? ['password_hash'] : [])];
  const line = (cells: readonly string[]) =>
    forSpreadsheet ? csvLine(cells, delimiter, '\r\n') : csvLine(cells, delimiter);
  return {
    start: forSpreadsheet ? `\ufeff${line([...head, defusedColumn])}` : line(head),
    account(row, parts) {
      const cells = [...cellsOf(row, parts), ...(hashes ? [parts.hash ?? ''] : [])];
      return line(forSpreadsheet ? defuse(head, cells) : cells);
    },
  };
}

function cellsOf(row: Row, { memberships, origin }: AccountParts): string[] {
  const cells = users.columns.map((name) => writeCell(users.attributes[name]!.kind, row[name]!, utc));
  // Not empty, because the import sets an empty default organization to that of the first membership.
  if (row.default_organization_id === null && memberships.length > 0)
    cells[users.columns.indexOf('default_organization_id')] = 'null';
  return [String(row.id), ...cells, JSON.stringify(memberships), origin ?? ''];
}

export const jsonLayout: AccountLayout = {
  start: '',
  account(row, { memberships, origin, hash }) {
    const attributes = users.columns.map((name) => {
      const stored = row[name]!;
      return `"${name}":${stored === null ? 'null' : users.attributes[name]!.kind.write(stored, utc)}`;
    });
    const parts = [
      `"memberships":${JSON.stringify(memberships)}`,
      ...(origin === null ? [] : [`"origin":${origin}`]),
      ...(hash === null ? [] : [`"password_hash":${JSON.stringify(hash)}`]),
    ];
    return `{"id":"${row.id}",${attributes.join()},${parts.join()}}\n`;
  },
};

/** As an import reads it. */
export function originText({ source, externalId, emailVerified, details }: Origin): string {
  const members = { source, external_id: externalId, email_verified: emailVerified };
  return `${JSON.stringify(members).slice(0, -1)},"details":${details}}`;
}
