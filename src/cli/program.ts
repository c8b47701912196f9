// The command line: runs a command, and decides how it ends after an error.

import { commands } from './commands.ts';
import { fail, watchOutput } from './endings.ts';

let serves = false;
watchOutput(() => serves);

const program = commands();
program.hook('preAction', (_program, command) => {
  serves = command.name() === 'serve';
  // A service does not use this, so that a crash leaves a stack trace.
  if (!serves) process.on('uncaughtException', fail);
});

await program.parseAsync().catch(fail);
