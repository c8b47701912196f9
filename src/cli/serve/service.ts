// What a service with one process and one with workers share: the log, the address, the signals, the welcome text.

import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import sonicBoom from 'sonic-boom';
import { type Config, ConfigError, givenName, unknownVariables } from '../../config.ts';
import type { Metrics } from '../../http/metrics.ts';
import type { Server } from '../../http/server.ts';
import { linkSecretOf, mailMode, servesMailbox } from '../../open-mail.ts';
import type { DatabaseWatch } from '../../store/sql/engine.ts';
import type { Store } from '../../store/store.ts';
import type { FirstAccount } from './bootstrap.ts';

export interface ServiceLog {
  readonly log: Logger;
  /** Writes complete lines unchanged, for example those of a worker. */
  write(lines: string): void;
  flush(): void;
  /** Resolves when all lines are written. */
  end(): Promise<void>;
}

/** Most lines to hold in memory while the reader of standard output is blocked. Lines above it are dropped. */
const maxWaitingBytes = 64 * 1024 * 1024;
/** Attempts to write the last lines when the process ends and the reader is blocked, 0.1 s apart. */
const lastAttempts = 20;

export function serviceLog({ logLevel }: Config): ServiceLog {
  let attemptsLeft = Number.POSITIVE_INFINITY;
  // Many lines are written together, because a write for each line would take longer than the request itself.
  const destination = new sonicBoom.SonicBoom({
    dest: 1,
    sync: false,
    minLength: 32_768,
    maxWrite: 65_536,
    maxLength: maxWaitingBytes,
    periodicFlush: 200,
    retryEAGAIN: () => --attemptsLeft > 0,
  });
  // The reader has closed the pipe, or the disk is full. The service continues. After a closed pipe, lines are dropped.
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
      // The reader is gone or blocked.
    }
  }

  return {
    log: pino({ level: logLevel, base: null }, destination),
    write: (lines) => void destination.write(lines),
    flush: () => destination.flush(),
    async end() {
      // The request log writes its lines at the end of the turn of the event loop.
      await setImmediate();
      // First waits for a write in progress, because a synchronous write would overtake it.
      await new Promise<void>((resolve) => destination.flush(() => resolve()));
      writeNow();
    },
  };
}

/** In which the answers of the writes that failed leave. */
const lastAnswersMs = 200;

/**
 * Passes warnings of the database to the log, and durations to the metrics. Ends the process with status 1 if what was
 * committed could not be written to disk.
 * @param ending called before that
 */
export function databaseWatch(
  log: Logger,
  metrics: Metrics | null,
  ending: () => void = () => {},
): DatabaseWatch {
  return {
    syncFailed({ message }) {
      log.fatal({ reason: message }, 'the disk failed, stopping');
      ending();
      // The last lines of the log are written at the exit.
      setTimeout(() => process.exit(1), lastAnswersMs);
    },
    observe: metrics?.observeDatabase,
    longReadWatch: metrics?.longReads,
    warn: (message) => log.warn(message),
  };
}

export function warnOfUnknownVariables(log: Logger): void {
  for (const name of unknownVariables(process.env)) log.warn({ name }, 'unknown setting');
}

/** Only warns if a crash of the database can lose data, because this may be acceptable for a trial. */
export async function warnOfWeaknesses(log: Logger, store: Store): Promise<void> {
  for (const weakness of (await store.size()).durabilityWarnings)
    log.warn({ weakness }, 'database not durable');
}

/**
 * Reads the secret of links, or creates it. Called before the first account is created, whose password is printed only once.
 * @throws FileError
 */
export function requireLinkSecret(config: Config): void {
  if (mailMode(config) !== 'off') linkSecretOf(config);
}

/** Says where mails are that are not sent. */
export function tellOfUnsentMails(log: Logger, config: Config): void {
  const mode = mailMode(config);
  if (mode === 'off') log.warn('mail is off, because links need MUSTER_LINK_SECRET: no mails are created');
  else if (servesMailbox(config)) log.info('mails are not sent, GET /api/v2/mailbox shows them');
  else if (mode === 'mailbox') log.warn('mails are not sent, only `muster mailbox` shows them');
}

/** @returns the address as a URL. @throws ConfigError that names the setting */
export function listen(server: Server, config: Config): Promise<string> {
  // Later, for the first thread, it would delay requests by 0.1 s if the compiled code is new.
  flushCompileCache();
  return server.listen().catch(refuseAddress(config));
}

/**
 * Listens on the address for a moment, to report an address that cannot be used before anything else is done.
 * @returns the port; if the setting is 0, a free one
 * @throws ConfigError that names the setting
 */
export async function probeAddress(config: Config): Promise<number> {
  const { host, port } = config;
  const probe = createServer().listen({ host, port });
  await once(probe, 'listening').catch(refuseAddress(config));
  const address = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return address.port;
}

function refuseAddress(config: Config): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const setting = cause.code === 'EADDRINUSE' || cause.code === 'EACCES' ? 'port' : 'host';
    throw new ConfigError(`${givenName(config, setting)} cannot be used: ${cause.message}`, { cause });
  };
}

/** Resolves with the first of these signals. Ignores later ones, because a terminal and npm may send the same signal. */
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
