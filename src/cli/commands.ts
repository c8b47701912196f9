// All commands.

import { Command } from 'commander';
import { version } from '../platform/version.ts';
import { invitationCommands } from './accounts/invitation-commands.ts';
import { memberCommands } from './accounts/member-commands.ts';
import { organizationCommands } from './accounts/organization-commands.ts';
import { tokenCommands } from './accounts/token-commands.ts';
import { userCommands } from './accounts/user-commands.ts';
import { operatorCommands } from './maintenance/maintenance-commands.ts';

export function commands(): Command {
  const program = new Command('muster')
    .description('A self-hosted user-account service that speaks the documented Users API.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'prints the help of a command')
    .configureHelp({ helpWidth: 110 })
    .addHelpText(
      'after',
      '\nEvery setting is also an environment variable: --data-dir is MUSTER_DATA_DIR. A flag takes precedence over a\n' +
        'variable. `muster serve --help` lists all settings.',
    );
  operatorCommands(program);
  userCommands(program);
  organizationCommands(program);
  memberCommands(program);
  invitationCommands(program);
  tokenCommands(program);
  return program;
}
