// Instances of the version before go on with the view `memberships` while PostgreSQL has the tables of this version.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Config } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { people } from '../../src/resources/people/people.ts';
import { users } from '../../src/resources/users/users.ts';
import { engines } from '../support/chosen-engines.ts';
import { onTables } from '../support/database-rows.ts';
import { emptyDatabaseConfig } from '../support/engines.ts';
import { fillDatabaseBefore } from '../support/many-members.ts';

/** The statements of the version before, with values. */
const olderVersion = (config: Config) => ({
  set: (organizationId: number, userId: number, role: string) =>
    onTables(
      config,
      `INSERT INTO memberships (organization_id, user_id, role, created_at)
        VALUES (${organizationId}, ${userId}, '${role}', 1800000000000)
        ON CONFLICT (organization_id, user_id) DO UPDATE SET role = '${role}'`,
    ),
  remove: (organizationId: number, userId: number) =>
    onTables(
      config,
      `DELETE FROM memberships WHERE organization_id = ${organizationId} AND user_id = ${userId}`,
    ),
  membersOf: async (organizationId: number) => {
    const rows = await onTables(
      config,
      `SELECT users.id FROM users JOIN memberships ON memberships.user_id = users.id
        WHERE memberships.organization_id = ${organizationId} ORDER BY users.id`,
    );
    return rows.map(({ id }) => id);
  },
});

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('people, revisions and counters follow what an instance of the version before writes', async (t) => {
    const config = await emptyDatabaseConfig(t, 'postgres');
    await fillDatabaseBefore(config, { users: 100, organizations: 20 });
    const store = await openStore(config);
    t.after(() => store.close());
    const older = olderVersion(config);
    await onTables(config, `INSERT INTO organizations (id, name, created_at) VALUES (99, 'New', 5)`);
    const states = () =>
      Promise.all([memberships, people, users].map((resource) => store.read.records(resource).state()));
    const rows = async (table: string, columns: string) =>
      onTables(config, `SELECT ${columns} FROM ${table} WHERE organization_id = 99 AND user_id = 7`);
    const membership = () =>
      rows('organization_memberships', 'id, person_id, revision, role, created_at, expires_at');
    const person = () =>
      rows('people', 'id, revision, role, joined_at, deactivated_at IS NULL AS is_member, email');

    /** Each write changes the lists of all three; so many memberships and people are added. */
    async function changing(write: () => Promise<unknown>, joined: number, met: number): Promise<void> {
      const before = await states();
      await write();
      const after = await states();
      for (const [i, { changeCount }] of after.entries())
        assert.ok(changeCount > before[i]!.changeCount, `${i}`);
      assert.deepEqual(
        after.map(({ rowCount }, i) => rowCount - before[i]!.rowCount),
        [joined, met, 0],
      );
    }

    await changing(() => older.set(99, 7, 'member'), 1, 1);
    const [joined] = await membership();
    const [met] = await person();
    assert.deepEqual(
      { ...joined, ...met },
      {
        ...{ id: met!.id, person_id: met!.id, role: 'member', created_at: 1800000000000, expires_at: null },
        ...{ joined_at: 1800000000000, is_member: 1, email: 'Person7@example.com', revision: met!.revision },
      },
    );
    assert.deepEqual(await older.membersOf(99), [7]);

    await changing(() => older.set(99, 7, 'admin'), 0, 0);
    const [promoted] = await membership();
    const [shown] = await person();
    assert.deepEqual(
      [promoted!.id, promoted!.role, shown!.id, shown!.role],
      [joined!.id, 'admin', met!.id, 'admin'],
    );
    assert.ok(Number(promoted!.revision) > Number(joined!.revision));
    assert.ok(Number(shown!.revision) > Number(met!.revision));

    await changing(() => older.remove(99, 7), -1, 0);
    const [left] = await person();
    assert.deepEqual([left!.id, left!.role, left!.is_member], [met!.id, null, 0]);
    assert.deepEqual(await older.membersOf(99), []);

    await changing(() => older.set(99, 7, 'owner'), 1, 0);
    const [back] = await person();
    assert.deepEqual([back!.id, back!.role, back!.is_member], [met!.id, 'owner', 1]);

    // The version before does not know ends, so it does not see memberships that have ended.
    await onTables(
      config,
      'UPDATE organization_memberships SET expires_at = 1000 WHERE organization_id = 99',
    );
    assert.deepEqual(await older.membersOf(99), []);
  });
});
