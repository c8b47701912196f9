// Instances of the version before, which know nothing of invitations, write memberships while people wait for them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { openStore } from '../../src/open-store.ts';
import { people } from '../../src/resources/people/people.ts';
import { onTables } from '../support/database-rows.ts';
import { clearedConfig, onEachEngine } from '../support/engines.ts';
import { insertInvitation } from '../support/invitations.ts';
import { serveStore } from '../support/start-app.ts';

onEachEngine((engine) => {
  test('a membership that the version before adds takes over the person who waits', async (t) => {
    const config = await clearedConfig(t, engine);
    const store = await openStore(config);
    t.after(() => store.close());
    const app = await serveStore(t, store);
    const acme = await app.createOrganization();
    const [invitation, other] = [
      await insertInvitation(app, acme, 'ina@new.example'),
      await insertInvitation(app, acme, 'ida@new.example'),
    ];
    const { id } = await app.createUser({ email: 'INA@new.example' });
    const states = async () => (await store.read.records(people).state()).rowCount;
    const before = await states();
    /** A statement of another process. Reads of one turn of the event loop share a snapshot, so it ends the turn. */
    const older = async (statement: string) => {
      await onTables(config, statement);
      await setImmediate();
    };
    await older(
      `INSERT INTO organization_memberships (organization_id, user_id, created_at, updated_at, role)
        VALUES (${acme}, ${id}, 1800000000000, 1800000000000, 'admin')`,
    );
    const person = (await store.read.records(people).find(invitation.person_id))!;
    assert.deepEqual(
      [person.user_id, person.is_user, person.email, person.first_name, person.role],
      [id, true, 'INA@new.example', 'name', 'admin'],
    );
    assert.equal(person.joined_at, 1800000000000);
    assert.equal(await states(), before);
    const waiting = (await store.read.records(people).find(other.person_id))!;
    assert.equal(waiting.user_id, null);
    // It also goes when the version before removes it.
    await older(`DELETE FROM organization_memberships WHERE user_id = ${id}`);
    const left = (await store.read.records(people).find(invitation.person_id))!;
    assert.deepEqual([left.user_id, left.role, left.deactivated_at !== null], [id, null, true]);
  });
});
