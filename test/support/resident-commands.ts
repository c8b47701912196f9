// Runs commands in a few processes that stay, which takes a fifth of the time of a process for each command: most of
// that is spent on loading modules. What a command does when signals, closed pipes or a full disk meet it, is for
// spawn-muster.ts; test/cli/own-processes.test.ts knows which test runs each command in a process of its own.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endWithTests } from './end-with-tests.ts';
import { type Environment, environment, type Finished } from './spawn-muster.ts';

export interface Asked {
  readonly args: readonly string[];
  /** Settings. */
  readonly env: Environment;
  /** The whole standard input. */
  readonly input?: string;
}

const file = fileURLToPath(new URL('./resident-process.ts', import.meta.url));

/** Commands at the same time are in processes of their own, up to so many. */
const most = 3;
let started = 0;
const idle: ChildProcess[] = [];
const waiting: (() => void)[] = [];

/** Runs a command to its end. */
export async function runResident(asked: Asked): Promise<Finished> {
  while (idle.length === 0 && started >= most) await new Promise<void>((resolve) => waiting.push(resolve));
  const child = idle.pop() ?? start();
  child.ref();
  child.channel!.ref();
  try {
    const finished = await answer(child, asked);
    // The tests must not wait for it.
    child.unref();
    child.channel!.unref();
    idle.push(child);
    return finished;
  } catch (error) {
    child.kill('SIGKILL');
    started--;
    throw error;
  } finally {
    waiting.shift()?.();
  }
}

function start(): ChildProcess {
  started++;
  return endWithTests(fork(file, { env: environment(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
}

/** @throws Error if the process ends before it has answered */
async function answer(child: ChildProcess, asked: Asked): Promise<Finished> {
  const ended = new AbortController();
  const over = () => ended.abort();
  child.once('exit', over);
  try {
    const answered = once(child, 'message', { signal: ended.signal });
    child.send(asked);
    const [finished] = await answered;
    return finished;
  } catch (cause) {
    throw new Error(`The process of muster ${asked.args.join(' ')} ended`, { cause });
  } finally {
    child.off('exit', over);
  }
}
