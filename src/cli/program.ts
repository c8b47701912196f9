// The commands, put together.

import { Command } from 'commander';
import { version } from '../platform/version.ts';
import { organizationCommands, tokenCommands } from './accounts/organization-commands.ts';
import { userCommands } from './accounts/user-commands.ts';
import { fail, watchOutput } from './endings.ts';
import { operatorCommands } from './maintenance/maintenance-commands.ts';

let serves = false;
watchOutput(() => serves);

const program = new Command('muster')
  .description('A self-hosted user-account service that speaks the documented Users API.')
  .version(version)
  .configureHelp({ helpWidth: 110 })
  .addHelpText(
    'after',
    '\nEvery setting is an environment variable too: --data-dir is MUSTER_DATA_DIR. `muster serve --help` lists them.',
  );

program.hook('preAction', (_program, command) => {
  serves = command.name() === 'serve';
  // A service that crashes leaves a stack in its log.
  if (!serves) process.on('uncaughtException', fail);
});
operatorCommands(program);
userCommands(program);
organizationCommands(program);
tokenCommands(program);

await program.parseAsync().catch(fail);
