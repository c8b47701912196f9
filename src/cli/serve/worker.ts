// A worker: one of several processes that serve a port together. It exchanges messages with the primary process, which
// started it. Node ends a worker when the primary ends.

import type { MetricObject } from 'prom-client';
import { buildApp } from '../../app.ts';
import { type Config, ConfigError } from '../../config.ts';
import { startScheduler } from '../../delivery/scheduler.ts';
import { ApiError } from '../../errors.ts';
import { createMetrics, type Metrics } from '../../http/metrics.ts';
import { backgroundJobs, mailJobs, textJob } from '../../jobs.ts';
import { openStore } from '../../open-store.ts';
import { databaseWatch, listen, serviceLog, stopSignal } from './service.ts';

export type FromWorker =
  | { readonly listening: string }
  /** The worker cannot start, for this reason. */
  | { readonly failed: string }
  /** The disk has failed: nobody knows what is on it. The worker ends in a moment, and so must all others. */
  | { readonly diskFailed: true }
  /** A request for the metrics of all workers. The answer has the same number. */
  | { readonly wantsMetrics: number }
  | { readonly reports: number; readonly metrics: MetricObject[] };

export type ToWorker =
  | { readonly report: number }
  | { readonly metricsFor: number; readonly text: string | null };

export async function serveAsWorker(config: Config): Promise<void> {
  // A terminal sends SIGINT to all processes. Workers ignore it, because the primary stops them with SIGTERM.
  process.on('SIGINT', () => {});
  const stopped = stopSignal(['SIGTERM']);
  const { log, end } = serviceLog(config);
  try {
    const metrics = config.metricsToken === '' ? null : workerMetrics();
    const store = await openStore(
      config,
      databaseWatch(log, metrics, () => sendToPrimary({ diskFailed: true })),
    );
    const server = await buildApp(config, store, Date.now, log, { metrics });
    sendToPrimary({ listening: await listen(server, config) });

    server.activity.start(log);
    const jobs = [
      ...backgroundJobs(config, Date.now),
      textJob(store),
      ...mailJobs(config, store, Date.now, log, metrics),
    ];
    const scheduler = startScheduler(store, jobs, log);

    await stopped;
    await Promise.all([server.close(), scheduler.stop(config.shutdownTimeoutMs)]);
    await server.activity.stop(config.shutdownTimeoutMs);
    await store.close();
    await end();
    process.exit(0);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    sendToPrimary({ failed: error.message }, () => process.exit(1));
  }
}

function sendToPrimary(message: FromWorker, sent?: () => void): void {
  process.send!(message, undefined, undefined, sent);
}

/** Metrics of this process. A worker that serves /metrics asks the primary for the sum over all workers. */
function workerMetrics(): Metrics {
  const waiting = new Map<number, (text: string | null) => void>();
  let lastNumber = 0;
  const metrics = createMetrics(async () => {
    const number = ++lastNumber;
    const text = await new Promise<string | null>((resolve) => {
      waiting.set(number, resolve);
      sendToPrimary({ wantsMetrics: number });
    });
    if (text === null) throw new ApiError('service_unavailable');
    return text;
  });
  process.on('message', async (message: ToWorker) => {
    if ('report' in message)
      sendToPrimary({
        reports: message.report,
        metrics: await metrics.registry.getMetricsAsJSON(),
      } as FromWorker);
    else {
      waiting.get(message.metricsFor)?.(message.text);
      waiting.delete(message.metricsFor);
    }
  });
  return metrics;
}
