// How commands end when something is in the way: one line that says what, and never a stack trace unless it is asked for.

import { ConfigError } from '../config.ts';
import { ApiError, type ErrorObject } from '../errors.ts';
import { FileError, reasonOfFile } from '../platform/private-files.ts';
import { reasonOf, StoreUnavailable } from '../store/errors.ts';
import { NoDatabase } from '../store/migrations/migrate.ts';
import { CommandError } from './print.ts';
import { visible } from './terminal-text.ts';

/** What the shell reports for a program that SIGPIPE ended, as it ends other programs whose reader has gone. */
const readerGone = 128 + 13;

/**
 * Ends quietly when nobody reads any more what is printed, as behind `| head`.
 * @param serves whether this process is a service, which goes on without readers
 */
export function watchOutput(serves: () => boolean): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (serves()) return;
      if (error.code === 'EPIPE') process.exit(readerGone);
      const name = stream === process.stdout ? 'standard output' : 'standard error';
      fail(new CommandError(`${name} cannot be written: ${reasonOfFile(error)}`));
    });
  // Otherwise a limit of `ulimit -f` ends the process by a signal; with a listener the write fails.
  process.on('SIGXFSZ', () => {});
}

/** Prints the reason, and ends with status 1. */
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

/** Errors of these are sentences that say what to do. */
const expected = [ConfigError, CommandError, FileError, NoDatabase];

function reasonFor(error: unknown): string {
  if (error instanceof ApiError) return reasonOfRefusal(error);
  if (expected.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof StoreUnavailable) return `The database cannot be used now: ${error.message}`;
  // Of the operating system, such as "too many open files".
  const { syscall } = error as { syscall?: unknown };
  if (typeof syscall === 'string') return reasonOf(error);
  return `unexpected: ${reasonOf(error).split('\n')[0]}. MUSTER_LOG_LEVEL=debug shows where.`;
}

/** A line for each rule that is broken, with the attribute by its name, as the command line gives it. */
export function reasonOfRefusal({ errors }: ApiError): string {
  return errors.map(reasonOfError).join('\n');
}

function reasonOfError({ source, detail }: ErrorObject): string {
  const [, name] = /^data\/attributes\/(.*)$/s.exec(source.pointer ?? '') ?? [];
  return name === undefined ? detail : `${name} ${detail}`;
}
