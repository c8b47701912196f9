// Ends the processes that a test file has started when the test file ends, however it ends. A file that exceeds its time
// limit is killed, so its hooks do not run.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Reads `+ PID` for a process to kill and `- PID` for one that has ended. When its input closes, because the process at
 * the other end has ended, it kills the rest. A negative PID is a process group.
 */
const script = `
  pids=' '
  while read -r sign pid; do
    if [ "$sign" = + ]; then pids="$pids$pid "; else pids="\${pids/ $pid / }"; fi
  done
  for pid in $pids; do kill -KILL -- "$pid"; done 2>/dev/null
`;

let input: Writable | undefined;

function watchdog(): Writable {
  if (input !== undefined) return input;
  // In a session of its own, so that Ctrl-C at a terminal does not end it before the others.
  const child = spawn('bash', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  input = child.stdin;
  // The tests must not wait for it.
  (input as unknown as { unref(): void }).unref();
  return input;
}

/**
 * @param options.group kills the whole process group of the child, which must be `detached`
 * @returns the child
 */
export function endWithTests<C extends ChildProcess>(child: C, options: { group?: boolean } = {}): C {
  // The start has failed.
  if (child.pid === undefined) return child;
  const pid = options.group ? -child.pid : child.pid;
  watchdog().write(`+ ${pid}\n`);
  child.once('exit', () => watchdog().write(`- ${pid}\n`));
  return child;
}
