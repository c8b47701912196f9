// Runs the command line as people do: in its own process, with its own settings.

import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { endWithTests } from './end-with-tests.ts';
import { temporaryFolder } from './engines.ts';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
/** Node's compile cache: it saves a third of the start of each process. */
const compiled = { NODE_COMPILE_CACHE: join(tmpdir(), 'muster-test-compile-cache') };

export type Environment = Readonly<Record<string, string>>;

export interface Exit {
  /** Null if a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Finished extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export interface MusterProcess {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly dataDir: string;
  /** The token of the first account, if this start printed it or it was given; else null. */
  readonly token: string | null;
  /** All output so far. */
  readonly stdout: string;
  readonly stderr: string;
  readonly log: readonly Record<string, unknown>[];
  /**
   * The first log line with this message, of this job if one is named; waits for it.
   * @throws Error if the process ends without it
   */
  logged(message: string, job?: string): Promise<Record<string, unknown>>;
  /** Sends a signal without waiting. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
  /** Resolves when the process has ended and all output was received. */
  readonly exited: Promise<Exit>;
}

export interface CommandInput {
  readonly env?: Environment;
  /** The whole standard input. */
  readonly input?: AsyncIterable<Uint8Array> | string | Buffer;
}

export interface Command {
  readonly finished: Promise<Finished>;
  /** Resolves when the output matches. @throws Error with all output if the command ends before */
  printed(pattern: RegExp): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** Starts a command without waiting. Set MUSTER_DATA_DIR if the command opens the database. */
export function startMuster(args: readonly string[], options: CommandInput = {}): Command {
  const child = start(args, options.env, options.input);
  const output = collect(child);
  let running = true;
  const finished = ended(child).then((exit) => {
    running = false;
    output.wake();
    return { ...exit, stdout: output.stdout, stderr: output.stderr };
  });
  return {
    finished,
    async printed(pattern) {
      while (!pattern.test(output.stdout) && !pattern.test(output.stderr)) {
        if (!running) throw new Error(`It ended without ${pattern}\n${output.stdout}\n${output.stderr}`);
        await output.changed();
      }
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** Runs a command to its end. */
export function runMuster(args: readonly string[], options: CommandInput = {}): Promise<Finished> {
  return startMuster(args, options).finished;
}

/** Runs a shell script in which `muster` is the command. */
export function shell(script: string, options: { env?: Environment } = {}): Promise<Finished> {
  const command = `muster() { '${process.execPath}' '${main}' "$@"; }\n`;
  const child = spawn('bash', ['-c', command + script], {
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  endWithTests(child, { group: true });
  const output = collect(child);
  return ended(child).then((exit) => ({ ...exit, stdout: output.stdout, stderr: output.stderr }));
}

/**
 * Starts `muster serve` on a free port, with an empty data folder unless `env` sets another, and waits until it is
 * ready. It is killed when the test ends, if it still runs.
 * @param options.args more arguments of `serve`
 * @throws Error with all output if it ends before it is ready
 */
export async function spawnMuster(
  t: TestContext,
  options: { env?: Environment; args?: readonly string[] } = {},
): Promise<MusterProcess> {
  const dataDir = options.env?.MUSTER_DATA_DIR ?? (await temporaryFolder(t));
  const env = { MUSTER_PORT: '0', MUSTER_DATA_DIR: dataDir, ...options.env };
  const child = start(['serve', ...(options.args ?? [])], env);
  const output = collect(child);
  let running = true;
  const exited = ended(child).finally(() => {
    running = false;
    output.wake();
  });
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });

  async function logged(message: string, job?: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = logLines(output.stdout).find(
        (one) => one.msg === message && (job === undefined || one.job === job),
      );
      if (line !== undefined) return line;
      if (!running) throw new Error(`Muster ended without "${message}"\n${output.stdout}\n${output.stderr}`);
      await output.changed();
    }
  }

  const { address } = await logged('ready');
  const printed = /^ {2}API token +(\S+)$/m.exec(output.stdout)?.[1];
  return {
    url: String(address),
    dataDir,
    token: printed ?? options.env?.MUSTER_BOOTSTRAP_TOKEN ?? null,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    get log() {
      return logLines(output.stdout);
    },
    logged,
    signal: (signal) => void child.kill(signal),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    exited,
  };
}

function start(args: readonly string[], env: Environment = {}, input?: CommandInput['input']): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], {
    env: environment(env),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  endWithTests(child);
  if (input !== undefined) {
    // A command may end before it has read all input.
    pipeline(Readable.from(input), child.stdin!).catch(() => {});
  }
  return child;
}

/** Removes settings that come from the shell of the tests. */
export function environment(env: Environment = {}): Environment {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MUSTER_'));
  return { ...compiled, ...Object.fromEntries(inherited), ...env };
}

function ended(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Comes after 'exit', when all output was read.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function collect(child: ChildProcess) {
  let waiting: (() => void)[] = [];
  const output = {
    stdout: '',
    stderr: '',
    wake() {
      const woken = waiting;
      waiting = [];
      for (const resolve of woken) resolve();
    },
    /** Resolves when there is more output, or the process has ended. */
    changed: () => new Promise<void>((resolve) => void waiting.push(resolve)),
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      output.wake();
    });
  }
  return output;
}

/** The complete lines that are JSON. Messages for people may be between them. */
function logLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
