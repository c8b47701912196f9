// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults that the suite must notice, each a small change of the source that a person could make.

export interface Fault {
  /** What goes wrong, in words. */
  readonly name: string;
  /** Below the project's folder. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test files that are nearest. */
  readonly tests: readonly string[];
}

export const faults: readonly Fault[] = [
  {
    name: 'an import gives an account the id of its neighbour',
    file: 'src/resources/users/import-users.ts',
    find: 'if (made[i] != null) ids.set(account, made[i]);',
    replace: 'if (made[i] != null) ids.set(account, made.find((id) => id !== null)!);',
    tests: ['test/cli/import-rules.test.ts'],
  },
  {
    name: 'an interrupted import says to go on one line too late',
    file: 'src/resources/users/import-users.ts',
    find: 'options.onBatch(counts, batch.at(-1)!.line);',
    replace: 'options.onBatch(counts, batch.at(-1)!.line + 1);',
    tests: ['test/cli/import-streams.test.ts'],
  },
  {
    name: 'a filtered total is counted once and for all',
    file: 'src/resources/cache/totals.ts',
    find: 'if (known?.version === version) return known.total;',
    replace: 'if (known !== undefined) return known.total;',
    tests: ['test/spec/users/pagination.test.ts', 'test/spec/users/collection-tags.test.ts'],
  },
  {
    name: 'a hash of one byte is taken over',
    file: 'src/security/hash-formats.ts',
    find: 'decode(salt).length >= 8 && decode(key).length >= 16',
    replace: 'decode(salt).length >= 8',
    tests: ['test/security/hash-formats.test.ts', 'test/cli/foreign-hashes.test.ts'],
  },
  {
    name: 'a COMMIT that PostgreSQL rolled back counts as kept',
    file: 'src/store/postgres/engine.ts',
    find: "if (command !== 'COMMIT') throw",
    replace: "if (command === '') throw",
    tests: ['test/store/transactions.test.ts'],
  },
  {
    name: 'a COMMIT that SQLite refused is not rolled back',
    file: 'src/store/sqlite/group-commit.ts',
    find: "if (database.isTransaction) database.exec('ROLLBACK');",
    replace: '',
    tests: ['test/store/transactions.test.ts', 'test/durability/write-lock.test.ts'],
  },
  {
    name: 'a failed migration of SQLite is not rolled back',
    file: 'src/store/sqlite/engine.ts',
    find: "if (database.isTransaction) database.exec('ROLLBACK');",
    replace: "if (database.isTransaction) database.exec('COMMIT');",
    tests: ['test/store/migrations.test.ts'],
  },
  {
    name: 'a connection is given back with its transaction open',
    file: 'src/store/postgres/connections.ts',
    find: 'client.release(broken || !isIdle || hasManyStatements(client));',
    replace: 'client.release(broken || hasManyStatements(client));',
    tests: ['test/store/transactions.test.ts', 'test/durability/postgres-outages.test.ts'],
  },
  {
    name: 'a power that the caller lacks is stored on an account that is no sysadmin',
    file: 'src/resources/users/user-changes.ts',
    find: 'return [...granted, ...named].some(',
    replace: 'return [...granted].some(',
    tests: ['test/spec/users/sysadmins.test.ts', 'test/spec/users/sysadmin-attributes.test.ts'],
  },
  {
    name: 'a lost replica goes on being asked',
    file: 'src/store/postgres/replicas.ts',
    find: 'positions.set(replica, position);',
    replace: 'if (position !== null) positions.set(replica, position);',
    tests: ['test/store/replicas.test.ts'],
  },
  {
    name: 'a sequence of PostgreSQL is set back',
    file: 'src/store/postgres/engine.ts',
    find: 'having ${last} > ${givenIds(table)}',
    replace: 'having true',
    tests: ['test/store/store-contract.test.ts', 'test/cli/move.test.ts'],
  },
  {
    name: 'a cache until the next commit has no bound',
    file: 'src/store/sql/commit-scoped-cache.ts',
    find: 'if (this.#known.size >= maxEntries) this.#known.clear();',
    replace: '',
    tests: ['test/store/transactions.test.ts', 'test/store/store-contract.test.ts'],
  },
  {
    name: 'a file is published without being on disk',
    file: 'src/platform/private-files.ts',
    find: 'await onDisk(target, () => handle.sync());',
    replace: '',
    tests: ['test/durability/backup.test.ts', 'test/cli/private-files.test.ts'],
  },
  {
    name: 'an expired caller writes',
    file: 'src/store/sql/caller-check.ts',
    find: 'if (isExpired(known, clock())) throw new CallerChanged();',
    replace: '',
    tests: ['test/spec/users/rights-at-commit.test.ts', 'test/spec/users/rights-under-locks.test.ts'],
  },
  {
    name: 'two who can administer take each other away at once',
    file: 'src/resources/users/last-sysadmin.ts',
    find: 'await administrators.hold();',
    replace: '',
    tests: ['test/spec/users/last-sysadmin.test.ts'],
  },
  {
    name: 'a sysadmin deletes one who holds more',
    file: 'src/resources/users/delete-user.ts',
    find: '    requireRank(call.actor, current);\n',
    replace: '',
    tests: ['test/spec/users/rank.test.ts'],
  },
];
