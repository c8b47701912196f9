// What `muster check` and `muster info` know about sessions and events.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { commandLine, findings } from '../support/command-line.ts';
import { onTables } from '../support/database-rows.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

onEachEngine((engine) => {
  test('check finds a token bound to a membership of somebody else, and the way out ends it', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, { MUSTER_PORT: '0' }, engine);
    const config = readConfig({}, muster.env);
    await muster.run('organizations', 'create', 'Acme');
    for (const name of ['ann', 'bob']) {
      const named = ['--first-name', name, '--last-name', 'Lee', '--organization', '1'];
      await muster.run('users', 'create', '--email', `${name}@email.com`, ...named);
    }
    const { id } = await muster.json('tokens', 'create', '1', '--organization', '1');
    await muster.run('tokens', 'create', '2');
    const info = await muster.json('info');
    assert.equal(info.sessions, 2);
    assert.equal(info.events, (await muster.run('events', '--json')).trimEnd().split('\n').length);
    assert.deepEqual(await findings(muster, 'error'), []);

    await onTables(
      config,
      `UPDATE sessions SET membership_id = (SELECT id FROM organization_memberships WHERE user_id = 2)
       WHERE id = ${id}`,
    );
    const [first, ...others] = await findings(muster, 'error');
    assert.deepEqual(others, []);
    const advice = /^the session \d+ is bound to a membership of another account; revoke it: muster (.+)$/;
    const [, command] = advice.exec(first!.finding)!;
    await muster.run(...command!.split(' '));
    assert.deepEqual(await findings(muster, 'error'), []);
  });

  test('check finds wrong counts of sessions and events', { timeout }, async (t) => {
    const muster = await commandLine(t, { MUSTER_PORT: '0' }, engine);
    await onTables(
      readConfig({}, muster.env),
      "UPDATE collections SET row_count = 5 WHERE name IN ('sessions', 'events')",
    );
    const found = (await findings(muster, 'error')).map(({ finding }) => finding);
    assert.deepEqual(found, [
      'the stored count of events is 5, but there are 0',
      'the stored count of sessions is 5, but there are 0',
    ]);
  });
});
