// How a command ends after an error: it prints one line with the reason. A stack trace only with MUSTER_LOG_LEVEL=debug.

import { ConfigError } from '../config.ts';
import { ApiError, type ErrorObject } from '../errors.ts';
import { FileError, reasonOfFile } from '../platform/private-files.ts';
import { NoDatabase, reasonOf, StoreUnavailable } from '../store/errors.ts';
import { CommandError } from './print.ts';
import { visible } from './terminal-text.ts';

/** The exit status that shells report for a program that SIGPIPE has ended: its reader has closed the pipe. */
const brokenPipe = 128 + 13;

/**
 * Ends the process without a message when the reader of its output has closed the pipe, as `| head` does.
 * @param serves whether this process is a service, which continues without a reader
 */
export function watchOutput(serves: () => boolean): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (serves()) return;
      if (error.code === 'EPIPE') process.exit(brokenPipe);
      const name = stream === process.stdout ? 'standard output' : 'standard error';
      fail(new CommandError(`${name} cannot be written: ${reasonOfFile(error)}`));
    });
  // Without a listener, a file above `ulimit -f` ends the process by a signal. With one, the write fails with an error.
  process.on('SIGXFSZ', () => {});
}

/** Prints the reason and exits with status 1. */
export function fail(error: unknown): never {
  process.stderr.write(`muster: ${textOf(error)}\n`);
  process.exit(1);
}

function textOf(error: unknown): string {
  const shown = reasonFor(error).split('\n').map(visible).join('\n');
  const { MUSTER_LOG_LEVEL: level = '' } = process.env;
  if (!['debug', 'trace'].includes(level)) return shown;
  return `${shown}\n${(error as Error).stack ?? ''}`;
}

/** Errors whose messages are meant for the user. */
const expected = [ConfigError, CommandError, FileError, NoDatabase];

function reasonFor(error: unknown): string {
  if (error instanceof ApiError) return reasonOfRefusal(error);
  if (expected.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof StoreUnavailable) return `The database is not available: ${error.message}`;
  // An error of the operating system, such as "too many open files".
  const { syscall } = error as { syscall?: unknown };
  if (typeof syscall === 'string') return reasonOf(error);
  return `unexpected error: ${reasonOf(error).split('\n')[0]}. Set MUSTER_LOG_LEVEL=debug to see the stack trace.`;
}

/** One line for each broken rule, beginning with the name of the attribute. */
export function reasonOfRefusal({ errors }: ApiError): string {
  return errors.map(reasonOfError).join('\n');
}

function reasonOfError({ source, detail }: ErrorObject): string {
  const [, name] = /^data\/attributes\/(.*)$/s.exec(source.pointer ?? '') ?? [];
  return name === undefined ? detail : `${name} ${detail}`;
}
