// One of several processes that serve a port together. It talks to the one that started it, and ends with it: Node ends a
// worker whose primary is gone.

import type { MetricObject } from 'prom-client';
import { backgroundJobs, buildApp } from '../../app.ts';
import { type Config, ConfigError } from '../../config.ts';
import { startScheduler } from '../../delivery/scheduler.ts';
import { ApiError } from '../../errors.ts';
import { createMetrics, type Metrics } from '../../http/metrics.ts';
import { openStore } from '../../open-store.ts';
import { databaseWatch, listen, serviceLog, stopSignal } from './service.ts';

export type FromWorker =
  | { readonly listening: string }
  /** Why it cannot start. */
  | { readonly failed: string }
  /** Asks for the metrics of all workers; the answer carries the same number. */
  | { readonly wantsMetrics: number }
  | { readonly reports: number; readonly metrics: MetricObject[] };

export type ToWorker =
  | { readonly report: number }
  | { readonly metricsFor: number; readonly text: string | null };

export async function serveAsWorker(config: Config): Promise<void> {
  // A terminal sends it to all of its processes; the primary tells the workers when to stop.
  process.on('SIGINT', () => {});
  const stopped = stopSignal(['SIGTERM']);
  const { log, end } = serviceLog(config);
  try {
    const metrics = config.metricsToken === '' ? null : workerMetrics();
    const store = await openStore(config, databaseWatch(log, metrics));
    const server = await buildApp(config, store, Date.now, log, { metrics });
    tell({ listening: await listen(server) });

    const scheduler = startScheduler(store, backgroundJobs(Date.now), log);

    await stopped;
    await Promise.all([server.close(), scheduler.stop(config.shutdownTimeoutMs)]);
    await store.close();
    await end();
    process.exit(0);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell({ failed: error.message }, () => process.exit(1));
  }
}

function tell(message: FromWorker, told?: () => void): void {
  process.send!(message, undefined, undefined, told);
}

/** Each process counts what it does itself; whichever is asked has the primary ask all. */
function workerMetrics(): Metrics {
  const waiting = new Map<number, (text: string | null) => void>();
  let asked = 0;
  const metrics = createMetrics(async () => {
    const number = ++asked;
    const text = await new Promise<string | null>((resolve) => {
      waiting.set(number, resolve);
      tell({ wantsMetrics: number });
    });
    if (text === null) throw new ApiError('service_unavailable', { headers: { 'Retry-After': '1' } });
    return text;
  });
  process.on('message', async (message: ToWorker) => {
    if ('report' in message)
      tell({ reports: message.report, metrics: await metrics.registry.getMetricsAsJSON() } as FromWorker);
    else {
      waiting.get(message.metricsFor)?.(message.text);
      waiting.delete(message.metricsFor);
    }
  });
  return metrics;
}
