// Every command that writes leaves an event in the audit trail, with the operator as its actor.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { commands } from '../../src/cli/commands.ts';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { events } from '../../src/resources/events/events.ts';
import { recordFollower } from '../../src/resources/operations/follow-records.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { runMuster } from '../support/spawn-muster.ts';

const named = ['--first-name', 'Ann', '--last-name', 'Lee'];
const imported = '{"email":"bob@email.com","first_name":"Bob","last_name":"Lee"}\n';

interface Act {
  readonly args: readonly string[];
  /** The action of an event that it leaves. */
  readonly leaves: string;
  /** The whole standard input. */
  readonly input?: string;
}

/** Commands that write, in an order in which each can do its work, on an empty database. */
const acts: Readonly<Record<string, Act>> = {
  'organizations create': { args: ['Acme'], leaves: 'organization.create' },
  'organizations rename': { args: ['1', 'Globex'], leaves: 'organization.update' },
  'organizations update': { args: ['1', 'subdomain=globex'], leaves: 'organization.update' },
  'users create': { args: ['--email', 'ann@email.com', ...named], leaves: 'user.create' },
  'users update': { args: ['1', 'first_name=Anna'], leaves: 'user.update' },
  'users set-password': { args: ['1', '--generate'], leaves: 'user.update_password' },
  'users send-reset': { args: ['1'], leaves: 'user.request_password_reset' },
  'users unlock': { args: ['1'], leaves: 'user.unlock' },
  'users import': { args: ['-', '--format', 'ndjson'], leaves: 'user.create', input: imported },
  'members add': { args: ['1', '1'], leaves: 'organization_membership.create' },
  'members update': { args: ['1', '1', 'role=admin'], leaves: 'organization_membership.update' },
  'members remove': { args: ['1', '1'], leaves: 'organization_membership.delete' },
  'invitations create': { args: ['1', 'guest@email.com'], leaves: 'invitation.create' },
  'invitations resend': { args: ['1'], leaves: 'invitation.resend' },
  'invitations delete': { args: ['1'], leaves: 'invitation.delete' },
  'tokens create': { args: ['1'], leaves: 'session.create' },
  'tokens revoke': { args: ['1'], leaves: 'session.delete' },
  'users delete': { args: ['1'], leaves: 'user.delete' },
  'organizations delete': { args: ['1'], leaves: 'organization.delete' },
  demo: { args: ['--users', '3'], leaves: 'user.create' },
};

/** Commands that leave no event, each with the reason. */
const silent: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...[
        'access',
        'backup',
        'check',
        'events',
        'export',
        'info',
        'invitations list',
        'mailbox',
        'import-report',
        'users verify',
        'members list',
        'members show',
        'organizations list',
      ],
      ...[
        'organizations show',
        'people list',
        'people show',
        'tokens list',
        'users export',
        'users find',
        'users list',
      ],
      'users show',
    ].map((name) => [name, 'It only reads.']),
  ),
  serve: 'What the first start creates is recorded as an act of the system.',
  migrate: 'It changes tables, and no records.',
  reindex: 'It changes search indexes, and no records.',
  import: 'The trail is that of the archive.',
  move: 'The trail is copied with everything else.',
  restore: 'The trail is that of the backup.',
};

function leaves(command: Command, names: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [names.join(' ')];
  return command.commands.flatMap((one) => leaves(one, [...names, one.name()]));
}

test('of every command it is known whether it leaves an event', () => {
  assert.deepEqual(leaves(commands()).sort(), [...Object.keys(acts), ...Object.keys(silent)].sort());
});

onEachEngine((engine) => {
  test('every command that writes leaves an event of the operator', { timeout: 300_000 }, async (t) => {
    const { env } = await commandLine(t, {}, engine);
    const store = await openStore(readConfig({}, env));
    t.after(() => store.close());
    const added = recordFollower(store.read, events, null, 0);
    for (const [name, { args, leaves: action, input }] of Object.entries(acts)) {
      const command = [...name.split(' '), ...args];
      const { code, stderr } = await runMuster(command, { env, ...(input !== undefined && { input }) });
      assert.equal(code, 0, `${name}: ${stderr}`);
      const left = (await added()).map((event) => `${event.actor_kind} ${event.action}`);
      assert.ok(left.includes(`operator ${action}`), `${name} left ${left}`);
      assert.ok(
        left.every((event) => event.startsWith('operator ')),
        `${name} left ${left}`,
      );
    }
  });
});
