// `muster events`: prints the audit trail by filters, and follows it.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { events } from '../../src/resources/events/events.ts';
import type { Store, Transaction, Writes } from '../../src/store/store.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { type EngineName, engines, onEachEngine } from '../support/engines.ts';
import { startPostgres } from '../support/postgres-outage.ts';
import { shell, startMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;

/** Later than the events of commands: times grow with ids. */
const day = (date: number) => Date.UTC(2099, 2, date);

type Given = Parameters<ReturnType<Transaction['records']>['insert']>[0];

const insert = ({ records }: Transaction, action: string, given: Given = {}) =>
  records(events).insert({
    ...{
      created_at: day(1),
      action,
      outcome: 'success',
      actor_kind: 'operator',
      changes: '[]',
      details: '{}',
    },
    ...given,
  });

const add = (store: Pick<Writes, 'write'>, action: string, given: Given = {}) =>
  store.write((transaction) => insert(transaction, action, given));

async function start(t: TestContext, engine: EngineName): Promise<{ muster: CommandLine; store: Store }> {
  const muster = await commandLine(t, {}, engine);
  const store = await openStore(readConfig({}, muster.env));
  t.after(() => store.close());
  return { muster, store };
}

const actionsIn = (lines: string) =>
  lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).action)
    .join(' ');

onEachEngine((engine) => {
  test('prints the events that match, the newest last', { timeout }, async (t) => {
    const { muster, store } = await start(t, engine);
    const name = ['--first-name', 'Ann', '--last-name', 'Lee'];
    await muster.run(
      'users',
      'create',
      '--email',
      'ann@email.com',
      ...name,
      '--password',
      'correct horse battery',
    );
    await add(store, 'session.create', {
      outcome: 'failure',
      subject_id: 1,
      ip: '192.0.2.1',
      actor_kind: 'user',
    });
    await add(store, 'session.create', {
      created_at: day(2),
      actor_id: 1,
      ip: '192.0.2.2',
      actor_kind: 'user',
    });
    await add(store, 'organization.update', {
      created_at: day(3),
      organization_id: 7,
      actor_id: 8,
      changes: '[{"attribute":"name","from":"A","to":"B"},{"attribute":"flags","from":"{}","to":"1"}]',
    });
    const printed = async (...args: string[]) => actionsIn(await muster.run('events', '--json', ...args));
    assert.equal(await printed(), 'user.create session.create session.create organization.update');
    for (const [option, value, expected] of [
      ['--action', 'user.create,organization.update', 'user.create organization.update'],
      ['--actor', 'ann@email.com', 'session.create'],
      ['--subject', '1', 'user.create session.create'],
      ['--ip', '192.0.2.2', 'session.create'],
    ] as const)
      assert.equal(await printed(option, value), expected, `${option} ${value}`);
    assert.equal(
      await printed('--since', '2099-03-02', '--until', '2099-03-03T00:00:00Z', '--outcome', 'success'),
      'session.create',
    );
    const cut = await muster.attempt('events', '--json', '--limit', '2');
    assert.equal(actionsIn(cut.stdout), 'session.create organization.update');
    assert.equal(cut.stderr, 'Showing the last 2 events; use --limit to show more\n');

    const [line] = (await muster.run('events', '--json', '--organization', '7', '--actor', '8')).split('\n');
    const { id, ...event } = JSON.parse(line!);
    assert.equal(typeof id, 'number');
    assert.deepEqual(event, {
      ...{ created_at: day(3), action: 'organization.update', outcome: 'success', actor_kind: 'operator' },
      ...{ ip: null, user_agent: null, request_id: null },
      changes: [
        { attribute: 'name', from: 'A', to: 'B' },
        { attribute: 'flags', from: '{}', to: '1' },
      ],
      ...{ details: {}, actor_id: 8, subject_id: null, organization_id: 7 },
    });
    const table = (await muster.run('events', '--organization', '7')).split('\n');
    assert.match(
      table[0]!,
      /^id +created_at +action +outcome +actor +subject_id +organization_id +ip +changes$/,
    );
    assert.match(
      table[1]!,
      /^\d+ +2099-03-03T00:00:00\.000\+00:00 +organization\.update +success +operator 8 +7 +name, flags$/,
    );
    assert.equal(await muster.run('events', '--actor', '999'), '\n');
    assert.match(
      await muster.fail('events', '--since', 'yesterday'),
      /^muster: --since must be a date or a time/,
    );
    assert.match(await muster.fail('events', '--actor', 'nobody@email.com'), /^muster: There is no user/);
  });

  test('follows the trail until a signal, and ends in order', { timeout }, async (t) => {
    const { muster, store } = await start(t, engine);
    await add(store, 'old.act');
    await add(store, 'last.act');
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const) {
      const command = startMuster(['events', '--follow', '--limit', '1', '--json'], { env: muster.env });
      await command.printed(/last\.act/);
      await add(store, 'other.act');
      await add(store, 'last.act');
      await command.printed(/last\.act.+other\.act.+last\.act/s);
      command.signal(signal);
      const { stdout, ...ended } = await command.finished;
      assert.deepEqual(ended, { code, signal: null, stderr: '' });
      assert.equal(actionsIn(stdout), 'last.act other.act last.act');
    }
  });

  test('a follower ends with the next event when its reader has gone', { timeout }, async (t) => {
    const { muster, store } = await start(t, engine);
    await add(store, 'first.act');
    const piped = shell('{ muster events --follow --json; echo "status $?" >&2; } | head -1', {
      env: muster.env,
    });
    let isDone = false;
    const finished = piped.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await add(store, 'next.act');
      await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    const { stdout, stderr } = await finished;
    assert.equal(actionsIn(stdout), 'first.act');
    assert.equal(stderr, 'status 141\n');
  });
});

if (engines.includes('postgres')) {
  test('a follower prints an event that is committed after later ones', { timeout }, async (t) => {
    const { muster, store } = await start(t, 'postgres');
    await add(store, 'first.act');
    const command = startMuster(['events', '--follow', '--json'], { env: muster.env });
    await command.printed(/first\.act/);
    const gate = Promise.withResolvers<void>();
    const inserted = Promise.withResolvers<void>();
    const late = store.write(async (transaction) => {
      await insert(transaction, 'late.act');
      inserted.resolve();
      await gate.promise;
    });
    await inserted.promise;
    await add(store, 'early.act');
    await command.printed(/early\.act/);
    gate.resolve();
    await late;
    await command.printed(/late\.act/);
    command.signal('SIGTERM');
    assert.equal(actionsIn((await command.finished).stdout), 'first.act early.act late.act');
  });

  test('a follower survives a database that is away', { timeout }, async (t) => {
    const server = await startPostgres(t);
    const env = { MUSTER_DATABASE_URL: server.url() };
    const open = () => openStore(readConfig({}, env));
    const store = await open();
    await add(store, 'first.act');
    await store.close();
    const command = startMuster(['events', '--follow', '--json'], { env });
    await command.printed(/first\.act/);
    await server.kill();
    await command.printed(/^The database is not available, trying again: .*\n/);
    await server.start();
    const reopened = await open();
    t.after(() => reopened.close());
    await add(reopened, 'second.act');
    await command.printed(/second\.act/);
    await command.printed(/available again/);
    command.signal('SIGTERM');
    const { code, stdout, stderr } = await command.finished;
    assert.deepEqual([code, actionsIn(stdout)], [143, 'first.act second.act']);
    assert.match(
      stderr,
      /^The database is not available, trying again: .*\nThe database is available again\.\n$/,
    );
  });
}
