// Accounts in files whose columns have Muster's names, also written in another way, or names that --map gives.

import { readCell } from '../../model/cell.ts';
import { JsonError } from '../../model/json.ts';
import { anyJson } from '../../model/kinds.ts';
import { users } from '../../resources/users/users.ts';
import { CommandError } from '../print.ts';
import type { AccountReader, ReadAccount } from './account-reader.ts';
import { type ColumnMap, splitName, wholeName } from './column-map.ts';
import { foldName, knownColumn, nearestColumn, reasonsColumn, requiredColumns } from './column-names.ts';
import { defusedColumn, restore } from './defused-cells.ts';
import { recognizedSystem } from './systems/recognized-system.ts';

export interface OwnAccountsOptions {
  readonly map?: ColumnMap | undefined;
  /** Drops columns and members that have no known name. */
  readonly ignoreUnknown?: boolean | undefined;
}

export function ownAccounts({
  map = new Map(),
  ignoreUnknown = false,
}: OwnAccountsOptions): Required<Pick<AccountReader, 'columns' | 'object'>> {
  /** Our name, `wholeName`, null to drop it, or undefined if it is unknown. */
  function targetOf(name: string): string | null | undefined {
    const mapped = map.get(foldName(name));
    const target = mapped === undefined ? knownColumn(name) : mapped.target;
    return target === reasonsColumn || (target === undefined && ignoreUnknown) ? null : target;
  }

  const read = memberReader(targetOf);
  let isFirst = true;
  return {
    columns(names, line) {
      const targets = names.map((name) => (name === '' ? undefined : targetOf(name)));
      const problem = problemOf(names, targets, map);
      if (problem !== undefined) {
        refuseOtherSystem(names);
        throw new CommandError(`line ${line}: the header line ${problem}`);
      }
      const columns = targets.flatMap((target, i) =>
        target === null || (target === undefined && ignoreUnknown) ? [] : [{ i, target }],
      );
      return (cells) => readCells(columns, cells);
    },
    object(members) {
      if (isFirst && isIncomplete(Object.keys(members).map(targetOf)))
        refuseOtherSystem(Object.keys(members));
      isFirst = false;
      return read(members);
    },
  };
}

/** Whether a name is unknown, or an attribute is missing that every account has. */
function isIncomplete(targets: readonly (string | null | undefined)[]): boolean {
  const own = targets.flatMap((target) => target?.split(' ') ?? []);
  return targets.includes(undefined) || requiredColumns.some((name) => !own.includes(name));
}

/** @throws CommandError if these are certainly the names of another system */
function refuseOtherSystem(names: readonly string[]): void {
  const system = recognizedSystem(names);
  if (system !== null)
    throw new CommandError(
      `The file has the names of another system: add --from ${system} to read it as it is`,
    );
}

function problemOf(
  names: readonly string[],
  targets: readonly (string | null | undefined)[],
  map: ColumnMap,
): string | undefined {
  const own = targets.flatMap((target) => (target == null ? [] : target.split(' ')));
  const isNear = names.length > 1 && names.some((name) => nearestColumn(name) !== undefined);
  if (own.length === 0 && !isNear)
    return 'contains no known column, such as email. The first line must name the columns; --delimiter says what is between them';
  const twice = own.find((name, i) => own.indexOf(name) < i);
  if (twice !== undefined) {
    const both = names.filter((_, i) => targets[i]?.split(' ').includes(twice));
    return new Set(both).size === 1
      ? `contains the column ${shown(both[0]!)} twice`
      : `contains ${both.map(shown).join(' and ')}, which are both ${twice}`;
  }
  const unknown = names.filter((name, i) => name !== '' && targets[i] === undefined);
  const missing = requiredColumns.filter((name) => !own.includes(name));
  const folded = new Set(names.map(foldName));
  const unused = [...map].filter(([name]) => !folded.has(name)).map(([, { source }]) => source);
  const parts = [
    ...(unknown.length > 0 ? [`contains unknown columns: ${unknown.map(withNearest).join(', ')}`] : []),
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(unused.length > 0 ? [`lacks ${unused.map(shown).join(', ')}, which --map names`] : []),
  ];
  if (parts.length === 0) return undefined;
  const pairs = unknown.flatMap((name) => {
    const target = nearestColumn(name);
    return target === undefined || target.split(' ').some((one) => own.includes(one))
      ? []
      : [`${name}=${target}`];
  });
  const hints = [
    `To name columns, add --map "${pairs.length > 0 ? pairs.join() : 'Column=attribute'}"`,
    ...(unknown.length > 0 ? ['to drop unknown ones, --ignore-unknown'] : []),
  ];
  return `${parts.join('; it ')}. ${hints.join('; ')}`;
}

const shown = (name: string) => JSON.stringify(name.slice(0, 100));

function withNearest(name: string): string {
  const target = nearestColumn(name);
  return target === undefined ? shown(name) : `${shown(name)} (${target}?)`;
}

interface Column {
  readonly i: number;
  /** Undefined if the column has no name. */
  readonly target: string | undefined;
}

/** Spaces in quotes are part of a name or a password. Around any other value they mean nothing. */
const keepsSpaces: ReadonlySet<string | undefined> = new Set(['first_name', 'last_name', 'password']);

/** Empty cells are skipped. */
function readCells(columns: readonly Column[], cells: readonly string[]): ReadAccount {
  const fields = new Map<string, unknown>();
  const problems: string[] = [];
  const defused = defusedIn(columns, cells);
  for (const { i, target } of columns) {
    if (target === defusedColumn) continue;
    const cell = defused?.has(target) ? restore(cells[i]!) : cells[i]!;
    const text = keepsSpaces.has(target) ? cell : cell.trim();
    if (text === '') continue;
    if (target === undefined) problems.push(`cell ${i + 1} has no column name`);
    else if (target === wholeName) setName(fields, text);
    else {
      try {
        fields.set(target, readField(target, text));
      } catch (error) {
        if (!(error instanceof JsonError)) throw error;
        problems.push(`${target} ${error.message}`);
      }
    }
  }
  return problems.length > 0 ? { problem: problems.join(', ') } : { fields };
}

/** The columns of the row that `defusedColumn` names. */
function defusedIn(
  columns: readonly Column[],
  cells: readonly string[],
): ReadonlySet<string | undefined> | null {
  const column = columns.find(({ target }) => target === defusedColumn);
  return column === undefined ? null : new Set(cells[column.i]!.split(' ').map(knownColumn));
}

function setName(fields: Map<string, unknown>, name: unknown): void {
  const parts = typeof name === 'string' ? splitName(name) : { first_name: name, last_name: name };
  for (const [part, value] of Object.entries(parts)) fields.set(part, value);
}

function readField(name: string, text: string): unknown {
  if (name === 'memberships' || name === 'origin') return readCell(anyJson, text);
  return Object.hasOwn(users.attributes, name) ? readCell(users.attributes[name]!.kind, text) : text;
}

function memberReader(targetOf: (name: string) => string | null | undefined) {
  const known = new Map<string, string | null | undefined>();
  return (members: Readonly<Record<string, unknown>>): ReadAccount => {
    const fields = new Map<string, unknown>();
    for (const [name, value] of Object.entries(members)) {
      let target = known.get(name);
      if (target === undefined) {
        target = targetOf(name);
        // The names of members could be any number.
        if (target !== undefined && known.size < 1000) known.set(name, target);
      }
      if (target === null) continue;
      // An unknown member keeps its name: the row is refused with it.
      const own = target ?? name;
      if (fields.has(own === wholeName ? 'first_name' : own)) return { problem: `has ${own} twice` };
      if (own === wholeName) setName(fields, value);
      else fields.set(own, value);
    }
    return { fields };
  };
}
