// A process that runs one command after the other, as `node src/main.js` would run each. See resident-commands.ts.

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { commands } from '../../src/cli/commands.ts';
import { fail } from '../../src/cli/endings.ts';
import type { Asked } from './resident-commands.ts';
import type { Finished } from './spawn-muster.ts';

/** Thrown where a command exits. */
class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

process.exit = (code) => {
  throw new Exit(Number(code ?? process.exitCode ?? 0));
};

/** Takes the place of what the command writes to the stream. */
function collect(stream: NodeJS.WriteStream): () => string {
  const parts: Buffer[] = [];
  stream.write = (content: string | Uint8Array, ...rest: unknown[]) => {
    parts.push(Buffer.from(content as string));
    const written = rest.at(-1);
    if (typeof written === 'function') process.nextTick(written);
    return true;
  };
  return () => Buffer.concat(parts.splice(0)).toString();
}

const stdout = collect(process.stdout);
const stderr = collect(process.stderr);

async function run({ args, env, input }: Asked): Promise<Finished> {
  const before = process.getActiveResourcesInfo().length;
  for (const name of Object.keys(process.env)) if (name.startsWith('MUSTER_')) delete process.env[name];
  Object.assign(process.env, env);
  const stdin = Readable.from(input === undefined ? [] : [Buffer.from(input)]);
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  process.exitCode = undefined;
  const code = await statusOf(args);
  // What a command leaves open keeps its process from ending. So it keeps this one from answering.
  while (process.getActiveResourcesInfo().length > before) await sleep(1);
  return { code, signal: null, stdout: stdout(), stderr: stderr() };
}

/** The exit status of a command, as src/cli/program.ts decides it. */
async function statusOf(args: readonly string[]): Promise<number> {
  try {
    await commands()
      .parseAsync(args, { from: 'user' })
      .catch((error) => {
        if (error instanceof Exit) throw error;
        fail(error);
      });
    return Number(process.exitCode ?? 0);
  } catch (exit) {
    if (exit instanceof Exit) return exit.code;
    throw exit;
  }
}

process.on('message', async (asked: Asked) => {
  process.send!(await run(asked));
});
