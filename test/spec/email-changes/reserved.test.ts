// An address that an account has left stays reserved for it while the change can be undone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { UniqueViolation } from '../../../src/store/errors.ts';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { another, hour, startEmailChanges } from './start-email-changes.ts';

const taken = ['email has already been taken'];

onEachEngine((engine) => {
  test('nobody else gets the address for 72 hours, in whatever form they write it', async (t) => {
    const { app, change, moveTo, create, root } = await startEmailChanges(t, engine);
    await moveTo('kim@müller.example');
    await moveTo('b@email.com');
    const other = await app.createUser();
    const move = (email: string, token: string) =>
      app.request('PATCH', `/api/v2/users/${other.id}`, {
        token,
        body: { data: { type: 'users', attributes: { email } } },
      });
    for (const email of ['a@email.com', 'A@EMAIL.com', 'kim@müller.example', 'KIM@xn--mller-kva.example']) {
      assert.deepEqual(brokenRules(await create(email)), taken, email);
      assert.deepEqual(brokenRules(await move(email, root)), taken, email);
      assert.deepEqual(brokenRules(await move(email, other.token)), taken, email);
    }
    // Their own account may take them back.
    assert.equal((await change({ email: 'KIM@müller.example' })).status, 200);
    assert.equal((await change({ email: 'a@email.com' })).status, 200);
    assert.deepEqual(brokenRules(await create('a@email.com')), taken);
    app.clock.now += 72 * hour;
    assert.equal((await create('b@email.com')).status, 201);
    assert.equal((await move('kim@müller.example', other.token)).status, 200);
  });

  test('attempts at reserved addresses are slowed down as those at taken ones', async (t) => {
    const { app, moveTo } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    const { id, token } = await app.createUser();
    const body = { data: { type: 'users', attributes: { email: 'a@email.com' } } };
    const answers = [];
    for (let i = 0; i < 6; i++)
      answers.push(await app.request('PATCH', `/api/v2/users/${id}`, { token, body }));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [422, 422, 422, 422, 422, 429],
    );
  });

  test('an undo gives back its own address, and frees those that came after', async (t) => {
    const { moveTo, undoOf, undo, create } = await startEmailChanges(t, engine);
    for (const to of ['b', 'c', 'd']) await moveTo(`${to}@email.com`);
    assert.equal((await undo(await undoOf('b@email.com'))).status, 204);
    for (const email of ['c@email.com', 'd@email.com'])
      assert.equal((await create(email)).status, 201, email);
    for (const email of ['a@email.com', 'b@email.com'])
      assert.deepEqual(brokenRules(await create(email)), taken);
  });

  test('a deleted account frees its addresses', async (t) => {
    const { app, id, root, moveTo, create } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    await app.request('DELETE', `/api/v2/users/${id}`, { token: root });
    for (const email of ['a@email.com', 'b@email.com'])
      assert.equal((await create(email)).status, 201, email);
  });

  test('the database itself refuses the address to writes that have not asked', async (t) => {
    const { app, id, moveTo } = await startEmailChanges(t, engine);
    await moveTo('b@email.com');
    const row = { email: 'A@email.com', first_name: 'Bea', last_name: 'Lee', updated_at: app.clock.now };
    const other = await app.createUser();
    const writes = [
      () => app.store.write(({ records }) => records(users).insert(row)),
      () =>
        app.store.write(({ records }) => records(users).insertMany([{ ...row, email: 'x@email.com' }, row])),
      () =>
        app.store.write(({ records }) =>
          records(users).update(other.id, { email: 'a@email.com', updated_at: app.clock.now }),
        ),
    ];
    for (const write of writes)
      await assert.rejects(
        write,
        (error) => error instanceof UniqueViolation && error.column === 'email_key',
      );
    assert.equal(await app.store.read.records(users).findByIdentity('email', 'x@email.com'), null);
    await app.store.write(({ records }) =>
      records(users).update(id, { email: 'a@email.com', updated_at: app.clock.now }),
    );
  });

  test('whoever wants an address at the moment in which its account leaves it does not get it', async (t) => {
    const { app, id, root, change, create, undo, undoOf, email } = await startEmailChanges(t, engine);
    for (let round = 0; round < 5; round++) {
      const [from, to] = [`a${round === 0 ? '' : round}@email.com`, `a${round + 1}@email.com`];
      const other = await app.createUser();
      const body = { data: { type: 'users', attributes: { email: from } } };
      const [left, ...answers] = await Promise.all([
        change({ email: to }, root),
        ...Array.from({ length: 4 }, () => create(from)),
        app.request('PATCH', `/api/v2/users/${other.id}`, { token: root, body }),
      ]);
      assert.equal(left.status, 200);
      for (const answer of answers) assert.deepEqual(brokenRules(answer), taken);
      app.clock.now += 1000;
    }
    assert.equal((await undo(await undoOf('a@email.com'), { password: another })).status, 204);
    assert.equal(await email(), 'a@email.com');
    assert.equal((await app.store.read.records(users).find(id))!.email, 'a@email.com');
  });
});
