// What the requests of the matrix write, by resource.

import type { Stored } from '../../../src/model/kind.ts';
import type { Resource, ValuesOf } from '../../../src/model/resource.ts';
import type { Transaction } from '../../../src/store/store.ts';
import type { Asker, Subject } from './expectation.ts';
import type { Matrix } from './start-matrix.ts';

export type Attributes = Readonly<Record<string, unknown>>;

export interface Copy {
  readonly id: number;
  readonly headers: Record<string, string>;
  /** Removes what stays after the deletion. */
  undo?(): Promise<void>;
}

export interface Writes<S extends Subject = any> {
  /**
   * A value for every attribute, also for those that nobody may give. Each is valid, and another than the record
   * has, or than a new one has without it.
   * @param subject null for a new record
   * @param label makes identities differ
   */
  values(matrix: Matrix, subject: S | null, label: string, asker: Asker): Attributes;
  /** Whether the caller cannot give valid values in a POST. It is answered 422 then. */
  cannotCreate?(asker: Asker): boolean;
  /** Attributes that stay in a PATCH, though the caller may change them, because of their value. */
  kept?(subject: S): readonly string[];
  /** The attributes that hold an id of another record, with its type. */
  readonly references: Readonly<Record<string, string>>;
  /** Attributes that the server changes together with others. */
  readonly follows: Readonly<Record<string, string>>;
  /** Attributes for which the server makes another value than the one that is given. */
  readonly generated: readonly string[];
  /** Makes a record like this one, and gives the caller the same rights in it, to be deleted. */
  copy(matrix: Matrix, asker: Asker, subject: S): Promise<Copy>;
  /** Deletes what a POST of the caller has made, with all that came along. */
  undoCreation(matrix: Matrix, asker: Asker, id: number): Promise<void>;
}

/** Deletes the mails and links that requests have made. */
export async function removeMails({ mails, links }: Transaction): Promise<void> {
  const [ever, all] = [Number.MAX_SAFE_INTEGER, 1000];
  await mails.deleteUntil(ever, all);
  await links.deleteUsed(ever, all);
  await links.deleteExpired(ever, all);
}

/** The columns of a row, to write them back. */
export function columnsIn<R extends Resource>(
  { columns }: R,
  row: Readonly<Record<string, Stored>>,
): ValuesOf<R> {
  return Object.fromEntries(columns.map((name) => [name, row[name]])) as ValuesOf<R>;
}
