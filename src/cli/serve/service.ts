// What one serving process and several have in common: the log, the address, the signals, the welcome.

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import sonicBoom from 'sonic-boom';
import { type Config, ConfigError, unknownVariables } from '../../config.ts';
import type { Metrics } from '../../http/metrics.ts';
import type { Server } from '../../http/server.ts';
import type { DatabaseWatch } from '../../store/sql/engine.ts';
import type { Store } from '../../store/store.ts';
import type { FirstAccount } from './bootstrap.ts';

export interface ServiceLog {
  readonly log: Logger;
  /** Lines that are there already. */
  write(lines: string): void;
  flush(): void;
  /** Resolves when all of it is written. */
  end(): Promise<void>;
}

/** Lines in memory while standard output takes none: more are dropped, the service goes on. */
const maxWaitingBytes = 64 * 1024 * 1024;
/** Attempts to write the last lines at the end of the process, 0.1 s apart, while the reader takes none. */
const lastAttempts = 20;

export function serviceLog({ logLevel }: Config): ServiceLog {
  let attemptsLeft = Number.POSITIVE_INFINITY;
  // Many lines go out together: a write for each line would cost more than the request that it describes.
  const destination = new sonicBoom.SonicBoom({
    dest: 1,
    sync: false,
    minLength: 32_768,
    maxWrite: 65_536,
    maxLength: maxWaitingBytes,
    periodicFlush: 200,
    retryEAGAIN: () => --attemptsLeft > 0,
  });
  // The reader is gone, or the disk is full. A service goes on without a log; lines after a gone reader are not kept.
  destination.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') destination.write = () => true;
  });
  process.on('exit', () => {
    attemptsLeft = lastAttempts;
    writeNow();
  });

  function writeNow(): void {
    try {
      destination.flushSync();
    } catch {
      // Nobody reads it.
    }
  }

  return {
    log: pino({ level: logLevel, base: null }, destination),
    write: (lines) => void destination.write(lines),
    flush: () => destination.flush(),
    async end() {
      // The lines of this turn's requests are handed over at its end.
      await setImmediate();
      // A synchronous write would overtake a write that is under way.
      await new Promise<void>((resolve) => destination.flush(() => resolve()));
      writeNow();
    },
  };
}

/** What the database tells while it is in use goes into the log and the metrics. */
export function databaseWatch(log: Logger, metrics: Metrics | null): DatabaseWatch {
  return { observe: metrics?.observeDatabase, warn: (message) => log.warn(message) };
}

export function warnOfUnknownVariables(log: Logger): void {
  for (const name of unknownVariables(process.env)) log.warn({ name }, 'not a setting');
}

/** A database that is told not to wait for its disk is used all the same: for a trial that may be right. */
export async function warnOfWeaknesses(log: Logger, store: Store): Promise<void> {
  for (const weakness of (await store.size()).durabilityWarnings)
    log.warn({ weakness }, 'database not durable');
}

/** @returns the address, as a URL. @throws ConfigError that names the setting */
export function listen(server: Server): Promise<string> {
  return server.listen().catch(refuseAddress);
}

/**
 * Takes the address and gives it back: what cannot be listened on is found out before anything else is done.
 * @returns the port, chosen now where any free one will do
 * @throws ConfigError that names the setting
 */
export async function probeAddress({ host, port }: Config): Promise<number> {
  const probe = createServer().listen({ host, port });
  await once(probe, 'listening').catch(refuseAddress);
  const address = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return address.port;
}

function refuseAddress(cause: NodeJS.ErrnoException): never {
  const setting = cause.code === 'EADDRINUSE' || cause.code === 'EACCES' ? 'MUSTER_PORT' : 'MUSTER_HOST';
  throw new ConfigError(`${setting} cannot be listened on: ${cause.message}`, { cause });
}

/** Resolves with the first of these signals. Later ones are ignored: a terminal and npm may each send the same one. */
export function stopSignal(
  signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'],
): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.on(signal, resolve);
  });
}

export function welcome(url: string, { email, password, token }: FirstAccount): string {
  const lines = [`Muster is ready at ${url}`, '', `  First account   ${email}`];
  if (password !== null) lines.push(`  Password        ${password}`);
  if (token !== null) lines.push(`  API token       ${token}`);
  if (password !== null || token !== null) lines.push('', 'Save these now; they are not shown again.');
  if (token !== null) lines.push('Try it:', '', `  curl -H 'X-Auth-Token: ${token}' ${url}/api/v2/users`);
  return `\n${lines.join('\n')}\n\n`;
}
