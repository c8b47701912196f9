// The store, over any engine.

import { type CompiledQuery, sql } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import type { Authentication, Session, Store } from '../store.ts';
import { memberships, organizations } from './accounts.ts';
import { passwords, secrets, tokens } from './credentials.ts';
import type { Database, Engine } from './engine.ts';
import { knownMigrations } from './migrate.ts';
import { records } from './records.ts';

export function sqlStore(engine: Engine, users: Resource): Store {
  const shapes = new Map<string, CompiledQuery<unknown>>();
  const session = (db: Database): Session => ({
    users: records(db, engine, users, shapes),
    organizations: organizations(db),
    memberships: memberships(db),
    passwords: passwords(db),
    tokens: tokens(db),
    secrets: secrets(db),
  });

  return {
    engine: engine.name,
    authenticate: authenticator(engine),
    read: session(engine.reader),
    write: (work) => engine.write((db) => work(session(db))),
    async info() {
      const counts: Record<string, number> = {};
      for (const table of ['users', 'organizations', 'memberships', 'passwords', 'tokens'] as const) {
        const { count } = await engine.reader
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        counts[table] = Number(count);
      }
      return { engine: engine.name, migrations: knownMigrations, ...(await engine.info()), counts };
    },
    size: () => engine.info(),
    close: () => engine.close(),
  };
}

const maxRemembered = 20_000;

/** Asked at every request, so it is no promise where it need not be, and remembered until anyone commits. */
function authenticator(engine: Engine): Store['authenticate'] {
  const compiled = compileAuthentication(engine);
  const { queryNow } = engine;
  // By token, then by target.
  let remembered = new Map<string, Map<number | null, Authentication | null>>();
  let count = 0;
  let version: number | null = null;

  return (tokenHash, targetId) => {
    const query: CompiledQuery<AuthenticationRow> = { ...compiled, parameters: [targetId, tokenHash] };
    if (queryNow === null) return engine.query(query).then(readAuthentication);
    // Looked at before anything is read: what is read later may be newer than this version, and never older.
    const current = engine.version();
    if (current !== version || count >= maxRemembered) {
      remembered = new Map();
      count = 0;
      version = current;
    }
    let ofToken = remembered.get(tokenHash);
    if (ofToken === undefined) {
      ofToken = new Map();
      remembered.set(tokenHash, ofToken);
    }
    let known = ofToken.get(targetId);
    if (known === undefined) {
      known = readAuthentication(queryNow(query));
      ofToken.set(targetId, known);
      count++;
    }
    return known;
  };
}

interface AuthenticationRow {
  readonly token_id: number;
  readonly token_expires_at: number | null;
  readonly user_id: number;
  readonly sysadmin: number | boolean;
  readonly sysadmin_permissions: string;
  readonly access_expires_at: number | null;
  readonly target_id: number | null;
  readonly target_revision: number | null;
}

/** Compiled once: the target's id is the first parameter, the hash the second. */
function compileAuthentication({ reader }: Engine): CompiledQuery<AuthenticationRow> {
  return reader
    .selectFrom('tokens')
    .innerJoin('users as account', 'account.id', 'tokens.user_id')
    .leftJoin('users as target', (join) => join.on('target.id', '=', sql<number>`${0}`))
    .where('tokens.hash', '=', '')
    .select([
      'tokens.id as token_id',
      'tokens.expires_at as token_expires_at',
      'tokens.user_id as user_id',
      sql<number | boolean>`account.sysadmin`.as('sysadmin'),
      sql<string>`account.sysadmin_permissions`.as('sysadmin_permissions'),
      sql<number | null>`account.account_access_expires_at`.as('access_expires_at'),
      'target.id as target_id',
      'target.revision as target_revision',
    ])
    .compile();
}

function readAuthentication([row]: readonly AuthenticationRow[]): Authentication | null {
  if (row === undefined) return null;
  return {
    tokenId: row.token_id,
    tokenExpiresAt: row.token_expires_at,
    userId: row.user_id,
    sysadmin: Boolean(row.sysadmin),
    sysadminPermissions: row.sysadmin_permissions,
    accessExpiresAt: row.access_expires_at,
    target: row.target_id === null ? null : { id: row.target_id, revision: row.target_revision! },
  };
}
