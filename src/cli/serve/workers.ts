// The primary process of a service with workers. It prepares the database, starts the workers, replaces those that end, and
// stops them. It answers no requests itself.

import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { breachWatch } from '../../app.ts';
import { type Config, ConfigError } from '../../config.ts';
import { openStore } from '../../open-store.ts';
import { warnIfNobodyAdministers } from '../accounts/administration.ts';
import { requireBreachFile } from '../password-policy.ts';
import { bootstrap } from './bootstrap.ts';
import {
  probeAddress,
  requireLinkSecret,
  type ServiceLog,
  serviceLog,
  stopSignal,
  tellOfUnsentMails,
  warnOfUnknownVariables,
  warnOfWeaknesses,
  welcome,
} from './service.ts';
import type { FromWorker } from './worker.ts';
import { gatherMetrics } from './worker-metrics.ts';

export async function serveFromWorkers(config: Config): Promise<void> {
  const service = serviceLog(config);
  const { log, flush, end } = service;
  warnOfUnknownVariables(log);
  const port = await probeAddress(config);
  await requireBreachFile(config);
  const store = await openStore(config);
  await warnOfWeaknesses(log, store);
  requireLinkSecret(config);
  const first = await bootstrap(config, store, Date.now, breachWatch(log, null));
  await warnIfNobodyAdministers(log, store);
  tellOfUnsentMails(log, config);
  await store.close();

  const stopped = stopSignal();
  const workers = startWorkers({ ...config, port }, service);
  const address = await workers.listening;
  if (first !== null) process.stdout.write(welcome(config.publicUrl || address, first));
  log.info({ address, database: store.engine, workers: config.workers }, 'ready');
  flush();

  const signal = await Promise.race([stopped, workers.diskFailed]);
  if (signal !== null) log.info({ signal }, 'stopping');
  flush();
  await workers.stop();
  log.info('stopped');
  await end();
  process.exit(signal === null ? 1 : 0);
}

interface Workers {
  /** The address, as soon as all workers listen. @throws ConfigError if one of them fails at its first start */
  readonly listening: Promise<string>;
  /** Resolves when the disk has failed a worker, which has logged it. All others have been killed. */
  readonly diskFailed: Promise<null>;
  /** Resolves when all workers have ended. */
  stop(): Promise<void>;
}

interface Life {
  readonly wasShort: boolean;
  /** For the log. */
  readonly end: Readonly<Record<string, unknown>>;
}

/** If a worker ends sooner than this after it began to listen, there is a pause before the next start. */
const shortLifeMs = 10_000;
const maxPauseMs = 30_000;
/** Workers that still run this long after `shutdownTimeoutMs` hang, and are killed. */
const graceMs = 5000;

function startWorkers(config: Config, { log, write, flush }: ServiceLog): Workers {
  const running = new Set<Worker>();
  const listening = new Set<Worker>();
  const stopping = new AbortController();
  const gather = gatherMetrics(listening);
  let ready: (address: string) => void;
  let fail: (error: Error) => void;
  let isReady = false;
  const { promise: diskFailed, resolve: endAll } = Promise.withResolvers<null>();
  const allListen = new Promise<string>((resolve, reject) => {
    ready = resolve;
    fail = reject;
  });
  // The primary writes the log lines of all workers, because lines that several processes write could be mixed.
  // All workers get the same port, also if the setting is 0.
  cluster.setupPrimary({ silent: true, args: [...process.argv.slice(2), '--port', String(config.port)] });

  /** Resolves when the worker has ended and all of its output has arrived. */
  async function run(number: number): Promise<Life> {
    const worker = cluster.fork();
    const { pid } = worker.process;
    let reason: string | undefined;
    let listeningSince = Number.POSITIVE_INFINITY;
    running.add(worker);
    passLines(worker, write);
    worker.on('message', (message: FromWorker) => {
      if ('failed' in message) {
        reason = message.failed;
        fail(new ConfigError(reason));
      } else if ('listening' in message) {
        listening.add(worker);
        listeningSince = performance.now();
        log.info({ worker: number, pid }, 'worker ready');
        flush();
        if (isReady || listening.size < config.workers) return;
        isReady = true;
        ready(message.listening);
      } else if ('diskFailed' in message) {
        // They would go on from commits that are not on the disk.
        stopping.abort();
        for (const other of running) if (other !== worker) other.process.kill('SIGKILL');
        endAll(null);
      } else gather(worker, message);
    });
    // The process could not be started, or a message could not be sent to it. In both cases it ends.
    worker.on('error', (error) => {
      reason ??= error.message;
    });
    const [code, signal] = await new Promise<unknown[]>((resolve) => {
      worker.process.once('close', (...end) => resolve(end));
    });
    running.delete(worker);
    listening.delete(worker);
    const wasShort = performance.now() - listeningSince < shortLifeMs;
    return { wasShort, end: { worker: number, pid, code, signal, reason } };
  }

  /** Runs a worker, and starts another one whenever it ends. */
  async function keepRunning(number: number): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const { wasShort, end } = await run(number);
      if (stopping.signal.aborted) return;
      if (!isReady) fail(new ConfigError(`a worker ended before it was ready (${end.signal ?? end.code})`));
      failures = wasShort ? failures + 1 : 0;
      const pauseMs = failures === 0 ? 0 : Math.min(100 * 2 ** (failures - 1), maxPauseMs);
      log.error({ ...end, pauseMs }, 'worker ended, starting another');
      flush();
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const loops = Array.from({ length: config.workers }, (_, i) => keepRunning(i + 1));
  return {
    listening: allListen,
    diskFailed,
    async stop() {
      stopping.abort();
      for (const worker of running) worker.process.kill('SIGTERM');
      const deadline = setTimeout(() => {
        for (const worker of running) worker.process.kill('SIGKILL');
      }, config.shutdownTimeoutMs + graceMs);
      await Promise.all(loops);
      clearTimeout(deadline);
    },
  };
}

/** Passes on complete lines, in the order in which they arrive. */
function passLines({ process: child }: Worker, write: (lines: string) => void): void {
  let rest = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) write(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  child.stdout!.on('end', () => {
    if (rest !== '') write(`${rest}\n`);
  });
  child.stderr!.on('data', (bytes: Buffer) => void process.stderr.write(bytes));
}
