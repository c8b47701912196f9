// The tables of a database, one entry each. `muster info`, `muster move`, the archives of `muster export` and the tests
// are derived from this list. A test compares it with the tables, columns, keys, sequences and references of a real
// database.

import type { Resource } from '../../model/resource.ts';
import type { Schema } from '../accounts/schema.ts';
import type { Engine } from './engine.ts';

export interface Table extends Declaration {
  readonly name: string;
  /** Whose records are its rows; absent for other tables. */
  readonly resource?: Resource;
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
  /** Its columns in archives, without those of attributes. */
  readonly columns?: Columns;
}

/** How values of a column are written in archives: times as ISO 8601, JSON as itself. */
export type ColumnType = 'integer' | 'text' | 'boolean' | 'time' | 'json';

export type Columns = Readonly<Record<string, Column>>;

export interface Column {
  readonly type: ColumnType;
  readonly description: string;
}

/** `muster move` copies its rows. */
interface Carried {
  /** The columns of its primary key; they never change. */
  readonly key: readonly string[];
  /** Whether the table generates ids by a sequence. */
  readonly givesIds?: true;
  /** An SQL condition that works on both engines: matching rows are not copied. */
  readonly except?: string;
  /** Why archives do not contain it; absent if they do. */
  readonly notExported?: string;
}

/** `muster move` does not copy its rows, for this reason. */
interface LeftBehind {
  readonly leftBehind: string;
}

const integer = (description: string): Column => ({ type: 'integer', description });
const text = (description: string): Column => ({ type: 'text', description });
const boolean = (description: string): Column => ({ type: 'boolean', description });
const time = (description: string): Column => ({ type: 'time', description });

/** The table of each resource. */
const ofResource: Declaration = { isCounted: true, move: { key: ['id'], givesIds: true } };

const columnsOfResources: Columns = {
  id: integer('The id, which is never used again.'),
  revision: integer('How often the record was changed, from 1; a part of its ETag.'),
};

type ResourceTable =
  | 'users'
  | 'organizations'
  | 'people'
  | 'invitations'
  | 'organization_memberships'
  | 'sessions'
  | 'events';

/** Columns of resources that are no attributes. */
const furtherColumns: Readonly<Partial<Record<string, Columns>>> & Partial<Record<ResourceTable, Columns>> = {
  sessions: { hash: text('SHA-256 of the token, as base64url.') },
  events: { late: boolean('Whether an earlier event has a time that is more than an hour later.') },
};

const counter = 'Counts of wrong passwords and codes, which end within hours.';

const others: Readonly<Record<Exclude<keyof Schema, ResourceTable>, Declaration>> &
  Readonly<Record<string, Declaration>> = {
  organization_renames: {
    move: {
      key: ['organization_id'],
      notExported: 'A task of the service: `updated_at` of the users of a renamed organization.',
    },
  },
  membership_ends: { move: { leftBehind: 'Triggers note the ends again.' } },
  passwords: {
    isCounted: true,
    move: { key: ['user_id'] },
    columns: {
      user_id: integer('The user whose password it is.'),
      hash: text('The hash, in the form of the system that has made it.'),
      changed_at: time('When the password was set.'),
      imported_format: text('The format of a hash of another system until it is replaced; else null.'),
    },
  },
  origins: {
    isCounted: true,
    move: { key: ['user_id'] },
    columns: {
      user_id: integer('The user who was imported.'),
      source: text('The name of the system from which, such as auth0.'),
      external_id: text('The id of the user there, or null.'),
      email_verified: boolean('Whether that system has confirmed the address; null if it is not known.'),
      details: { type: 'json', description: 'What has no other place, under its names there.' },
    },
  },
  organization_origins: {
    move: { key: ['organization_id'] },
    columns: {
      organization_id: integer('The organization that was imported.'),
      source: text('The name of the system from which.'),
      external_id: text('The id of the organization there.'),
    },
  },
  password_attempts: { move: { key: ['user_id'], notExported: counter } },
  email_attempts: { move: { key: ['user_id'], notExported: counter } },
  sign_in_attempts: { move: { key: ['key'], notExported: counter } },
  known_addresses: {
    move: { key: ['user_id', 'network'] },
    columns: {
      user_id: integer('The user who has signed in.'),
      network: text('The network from which: an IPv4 address, or the /64 of an IPv6 address.'),
      last_at: time('When the user last signed in from there.'),
    },
  },
  known_devices: {
    move: { key: ['user_id', 'device'] },
    columns: {
      user_id: integer('The user who has signed in.'),
      device: text('A digest of what is known of the device.'),
      last_at: time('When the user last signed in with it.'),
    },
  },
  // Copied so that a retry after the move does not create a record twice.
  idempotency_keys: {
    move: {
      key: ['user_id', 'route', 'key_hash'],
      notExported: 'They are valid for 24 hours, for retries of requests.',
    },
  },
  links: {
    isCounted: true,
    move: { key: ['id'], givesIds: true },
    columns: {
      id: integer('The id, which is never used again.'),
      purpose: text('What the link does: password_reset, email_confirmation, email_undo or invitation.'),
      user_id: integer('The account that it is for, or null.'),
      invitation_id: integer('The invitation that it accepts, or null.'),
      organization_id: integer('The organization whose join link has led to it, or null.'),
      email: text('The address that it is about, or null.'),
      nonce: text('Random text from which the token is derived, with a secret that archives do not contain.'),
      token_hash: text('SHA-256 of the token, as base64url.'),
      created_at: time('When it was created.'),
      expires_at: time('Until when it can be used.'),
      used_at: time('When it was used or ended, or null.'),
      reserved_key: text('The address that is reserved for the account until the link ends, or null.'),
      password_changed_at: time('When the password before the change of the address was set, or null.'),
      last_session_id: integer('The last session before the change of the address, or null.'),
      last_membership_id: integer('The last membership before the change of the address, or null.'),
    },
  },
  mails: {
    isCounted: true,
    move: {
      key: ['id'],
      givesIds: true,
      notExported: 'The service sends those that wait; two services would send them twice.',
    },
  },
  // Not copied: the target counts collection versions from 0, so ETags of lists would repeat. The first start on the
  // target generates a new secret for ETags, as after a restore.
  secrets: {
    move: { key: ['name'], except: `name = 'etags'` },
    columns: {
      name: text(
        'What it is for: `identity_verification` makes `intercom_hash`, `cursors` the cursors of pages.',
      ),
      value: text('The secret, as base64url.'),
    },
  },
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

/** See short-texts.ts. */
function ofShortTexts(type: string): readonly Table[] {
  return [
    { name: `${type}_unindexed`, move: { leftBehind: 'Triggers note the rows of the other database.' } },
    {
      name: `${type}_grams`,
      engine: 'postgres',
      move: { leftBehind: 'A job of the other database indexes its rows.' },
    },
  ];
}

/** See sqlite/search-notes.ts. */
function ofSearchNotes({ type, copies }: Resource): readonly Table[] {
  if (copies === undefined) return [];
  return [type, copies.table].map((table) => ({
    name: `${table}_search_notes`,
    engine: 'sqlite',
    move: { leftBehind: 'It is empty between transactions.' },
  }));
}

/** All tables; those of resources come first. */
export function allTables(resources: readonly Resource[]): readonly Table[] {
  return [
    ...resources.map((resource) => ({
      name: resource.type,
      resource,
      ...ofResource,
      columns: { ...columnsOfResources, ...furtherColumns[resource.type] },
    })),
    ...resources
      .filter(({ indexesShortTexts }) => indexesShortTexts)
      .flatMap(({ type }) => ofShortTexts(type)),
    ...resources.flatMap(ofSearchNotes),
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
