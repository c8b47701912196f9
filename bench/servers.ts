// Starts the servers that are measured and the load generator, each in a process of its own.

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { LoadOrder, LoadResult } from './load.ts';
import type { Work } from './yardstick.ts';

export interface RunningServer {
  readonly port: number;
  /** CPU seconds until now, user and system, of the process and its child processes. */
  cpuSeconds(): number;
  /** Resident memory, in MiB. */
  residentMiB(): number;
  /** Number of open files and sockets. */
  descriptors(): number;
  stop(): Promise<void>;
}

const here = import.meta.dirname;
/** The same flags as `npm start`: a small young generation, and early garbage collections of the old generation. */
const flags = ['--max-semi-space-size=4', '--heap-growing-percent=15'];

/** @param folder on the disk of the database, if the baseline commits */
export async function startYardstick(
  folder: string,
  body: string,
  work: Work = 'nothing',
): Promise<RunningServer> {
  const file = join(folder, `body-${body.length}.json`);
  writeFileSync(file, body);
  return startNode([join(here, 'yardstick.ts'), file, work], {}, /^(\d+)$/m);
}

let started = 0;

/** Starts the service as in production, with the log in a file; but on any free port and without a rate limit. */
export async function startMuster(
  folder: string,
  environment: Record<string, string>,
): Promise<RunningServer> {
  const log = join(folder, `muster-${++started}.log`);
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, [...flags, join(here, '../src/main.js'), 'serve'], {
    stdio: ['ignore', output, 'inherit'],
    env: {
      ...process.env,
      MUSTER_PORT: '0',
      MUSTER_RATE_LIMIT: '0',
      MUSTER_DATA_DIR: folder,
      ...environment,
    },
  });
  closeSync(output);
  for (;;) {
    const line = /"address":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(readFileSync(log, 'utf8'));
    if (line !== null) return running(child, Number(line[1]));
    if (child.exitCode !== null) throw new Error(`the server exited with status ${child.exitCode}`);
    await setTimeout(20);
  }
}

/** @param port matches the line that the server prints when it is ready; its group is the port */
export async function startNode(
  args: readonly string[],
  environment: Record<string, string>,
  port: RegExp,
): Promise<RunningServer> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const line = await firstMatch(child, port);
  child.stdout!.resume();
  return running(child, Number(line[1]));
}

function firstMatch(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = '';
    const look = (chunk: Buffer) => {
      output += chunk;
      const match = pattern.exec(output);
      if (match === null) return;
      child.stdout!.off('data', look);
      resolve(match);
    };
    child.stdout!.on('data', look);
    child.once('exit', (code) => reject(new Error(`the server exited with status ${code}: ${output}`)));
  });
}

function running(child: ChildProcess, port: number): RunningServer {
  const { pid } = child;
  return {
    port,
    cpuSeconds: () => cpuSeconds(pid!),
    residentMiB: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1024,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

/** proc(5): fields 14 and 15 are utime and stime, in ticks of 1/100 s. The name before them may contain spaces. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  const own = (Number(fields[11]) + Number(fields[12])) / 100;
  return children.reduce((sum, child) => sum + cpuSeconds(Number(child)), own);
}

export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): void;
}

export function startLoad(): LoadGenerator {
  const child = fork(join(here, 'load.ts'), { stdio: 'inherit' });
  return {
    run: (order) =>
      new Promise((resolve, reject) => {
        const stopped = () => reject(new Error('the load generator exited'));
        child.once('exit', stopped);
        child.once('message', (result) => {
          child.off('exit', stopped);
          resolve(result as LoadResult);
        });
        child.send(order);
      }),
    stop: () => child.kill(),
  };
}
