// The metrics of the service: the sum of the metrics of all workers.

import type { Worker } from 'node:cluster';
import { AggregatorRegistry, type MetricObject } from 'prom-client';
import type { FromWorker, ToWorker } from './worker.ts';

/** A worker that does not report within this time is left out of the sum. */
const timeoutMs = 2000;

interface Round {
  readonly silent: Set<Worker>;
  readonly reports: MetricObject[][];
  end(): void;
}

/** @returns a handler for the messages about metrics that workers send */
export function gatherMetrics(
  listening: ReadonlySet<Worker>,
): (worker: Worker, message: Extract<FromWorker, { wantsMetrics: number } | { reports: number }>) => void {
  const rounds = new Map<number, Round>();
  let count = 0;
  const send = (worker: Worker, message: ToWorker) => {
    // A worker that is ending gets no message.
    if (worker.isConnected()) worker.send(message, () => {});
  };

  async function allReports(): Promise<MetricObject[][]> {
    const number = ++count;
    const silent = new Set(listening);
    const reports: MetricObject[][] = [];
    await new Promise<void>((end) => {
      setTimeout(end, timeoutMs).unref();
      rounds.set(number, { silent, reports, end });
      for (const worker of silent) send(worker, { report: number });
    });
    rounds.delete(number);
    return reports;
  }

  return async (worker, message) => {
    if ('wantsMetrics' in message) {
      const text = await allReports()
        .then((reports) => AggregatorRegistry.aggregate(reports as unknown as object[]).metrics())
        .catch(() => null);
      send(worker, { metricsFor: message.wantsMetrics, text });
      return;
    }
    const round = rounds.get(message.reports);
    if (round === undefined) return;
    round.reports.push(message.metrics);
    round.silent.delete(worker);
    if (round.silent.size === 0) round.end();
  };
}
