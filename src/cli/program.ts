// The commands, put together.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { ConfigError } from '../config.ts';
import { operatorCommands } from './operator-commands.ts';
import { organizationCommands, tokenCommands } from './organization-commands.ts';
import { CommandError } from './print.ts';
import { userCommands } from './user-commands.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const program = new Command('muster')
  .description('A self-hosted user-account service that speaks the documented Users API.')
  .version(version)
  .configureHelp({ helpWidth: 110 })
  .addHelpText(
    'after',
    '\nEvery setting is an environment variable too: --data-dir is MUSTER_DATA_DIR. `muster serve --help` lists them.',
  );

operatorCommands(program, version);
userCommands(program);
organizationCommands(program);
tokenCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof ConfigError || error instanceof CommandError;
  process.stderr.write(
    `muster: ${expected ? (error as Error).message : ((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
}
