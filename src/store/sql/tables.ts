// The tables of a database, one entry each. `muster info`, `muster move` and the tests are derived from this list. A
// test compares it with the tables, keys, sequences and references of a real database.

import type { Resource } from '../../model/resource.ts';
import type { Schema } from '../accounts/schema.ts';
import type { Engine } from './engine.ts';

export interface Table extends Declaration {
  readonly name: string;
}

export interface CarriedTable extends Table {
  readonly move: Carried;
}

interface Declaration {
  /** The engine that has this table; both if absent. */
  readonly engine?: Engine['name'];
  /** Whether `muster info` counts its rows. */
  readonly isCounted?: true;
  /** Whether migrations insert rows. */
  readonly hasFirstRows?: true;
  readonly move: Carried | LeftBehind;
}

/** `muster move` copies its rows. */
interface Carried {
  /** The columns of its primary key; they never change. */
  readonly key: readonly string[];
  /** Whether the table generates ids by a sequence. */
  readonly givesIds?: true;
  /** An SQL condition that works on both engines: matching rows are not copied. */
  readonly except?: string;
}

/** `muster move` does not copy its rows, for this reason. */
interface LeftBehind {
  readonly leftBehind: string;
}

/** The table of each resource. */
const ofResource: Declaration = { isCounted: true, move: { key: ['id'], givesIds: true } };

type ResourceTable =
  | 'users'
  | 'organizations'
  | 'people'
  | 'invitations'
  | 'organization_memberships'
  | 'sessions'
  | 'events';

const others: Readonly<Record<Exclude<keyof Schema, ResourceTable>, Declaration>> &
  Readonly<Record<string, Declaration>> = {
  organization_renames: { move: { key: ['organization_id'] } },
  membership_ends: { move: { leftBehind: 'Triggers note the ends again.' } },
  passwords: { isCounted: true, move: { key: ['user_id'] } },
  password_attempts: { move: { key: ['user_id'] } },
  email_attempts: { move: { key: ['user_id'] } },
  sign_in_attempts: { move: { key: ['key'] } },
  known_addresses: { move: { key: ['user_id', 'network'] } },
  known_devices: { move: { key: ['user_id', 'device'] } },
  // Copied so that a retry after the move does not create a record twice.
  idempotency_keys: { move: { key: ['user_id', 'route', 'key_hash'] } },
  links: { isCounted: true, move: { key: ['id'], givesIds: true } },
  mails: { isCounted: true, move: { key: ['id'], givesIds: true } },
  // Not copied: the target counts collection versions from 0, so ETags of lists would repeat. The first start on the
  // target generates a new secret for ETags, as after a restore.
  secrets: { move: { key: ['name'], except: `name = 'etags'` } },
  leases: { move: { leftBehind: 'The processes of the other database claim their own.' } },
  collections: { hasFirstRows: true, move: { leftBehind: 'Triggers count the rows of the other database.' } },
  guards: {
    engine: 'postgres',
    hasFirstRows: true,
    move: { leftBehind: 'Its rows are there to be locked, and hold no data.' },
  },
  request_rates: {
    engine: 'postgres',
    move: { leftBehind: 'Instances of the version before count in it until they are replaced.' },
  },
  request_counts: { engine: 'postgres', move: { leftBehind: 'It counts recent requests.' } },
  write_positions: {
    engine: 'postgres',
    move: { leftBehind: 'It holds positions in the write-ahead log of this server.' },
  },
};

/** All tables; those of resources come first. */
export function allTables(resources: readonly Resource[]): readonly Table[] {
  return [
    ...resources.map(({ type }) => ({ name: type, ...ofResource })),
    ...Object.entries(others).map(([name, declaration]) => ({ name, ...declaration })),
  ];
}

export function isCarried(table: Table): table is CarriedTable {
  return 'key' in table.move;
}

/** A foreign key: `table` has a column that refers to rows of `refersTo`. */
export interface Reference {
  readonly table: string;
  readonly refersTo: string;
}

/**
 * Sorts tables so that each comes after the tables that it refers to.
 * @throws Error if tables refer to each other
 */
export function inOrderOfReferences<T extends Table>(
  tables: readonly T[],
  references: readonly Reference[],
): T[] {
  const ordered: T[] = [];
  const isReady = ({ name }: T) =>
    references.every(
      ({ table, refersTo }) =>
        table !== name || refersTo === name || ordered.some((earlier) => earlier.name === refersTo),
    );
  while (ordered.length < tables.length) {
    const next = tables.find((table) => !ordered.includes(table) && isReady(table));
    if (next === undefined) {
      const left = tables.filter((table) => !ordered.includes(table)).map(({ name }) => name);
      throw new Error(`These tables refer to each other, or to one that is not known: ${left.join(', ')}`);
    }
    ordered.push(next);
  }
  return ordered;
}
