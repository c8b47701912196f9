// The commands, put together.

import { Command } from 'commander';
import { version } from '../version.ts';
import { fail, watchOutput } from './endings.ts';
import { operatorCommands } from './operator-commands.ts';
import { organizationCommands, tokenCommands } from './organization-commands.ts';
import { userCommands } from './user-commands.ts';

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
