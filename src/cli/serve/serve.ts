// `muster serve`: starts the service from the settings, and stops it gracefully on a signal.

import cluster from 'node:cluster';
import { breachWatch, buildApp } from '../../app.ts';
import type { Config } from '../../config.ts';
import { startScheduler } from '../../delivery/scheduler.ts';
import { createMetrics } from '../../http/metrics.ts';
import { backgroundJobs, mailJobs, textJob } from '../../jobs.ts';
import { openStore } from '../../open-store.ts';
import { readBrand } from '../../read-brand.ts';
import { warnIfNobodyAdministers } from '../accounts/administration.ts';
import { requireBreachFile } from '../password-policy.ts';
import { bootstrap } from './bootstrap.ts';
import {
  databaseWatch,
  listen,
  probeAddress,
  requireLinkSecret,
  serviceLog,
  stopSignal,
  tellOfUnsentMails,
  warnOfUnknownVariables,
  warnOfWeaknesses,
  welcome,
} from './service.ts';
import { serveAsWorker } from './worker.ts';
import { serveFromWorkers } from './workers.ts';

export async function serve(config: Config): Promise<void> {
  // A logo that cannot be used is reported before the first account is created, whose password is printed only once.
  readBrand(config);
  if (config.workers === 1) return serveAlone(config);
  return cluster.isPrimary ? serveFromWorkers(config) : serveAsWorker(config);
}

async function serveAlone(config: Config): Promise<void> {
  const { log, flush, end } = serviceLog(config);
  warnOfUnknownVariables(log);

  // Before the first account is created, because its password is printed only once.
  await probeAddress(config);
  await requireBreachFile(config);
  const metrics = config.metricsToken === '' ? null : createMetrics();
  const store = await openStore(config, databaseWatch(log, metrics));
  await warnOfWeaknesses(log, store);
  requireLinkSecret(config);
  const first = await bootstrap(config, store, Date.now, breachWatch(log, metrics));
  await warnIfNobodyAdministers(log, store);
  tellOfUnsentMails(log, config);
  const server = await buildApp(config, store, Date.now, log, { metrics });
  const stopped = stopSignal();
  const address = await listen(server, config);
  if (first !== null) process.stdout.write(welcome(config.publicUrl || address, first));
  log.info({ address, database: store.engine }, 'ready');
  flush();

  server.activity.start(log);
  const jobs = [
    ...backgroundJobs(config, Date.now),
    textJob(store),
    ...mailJobs(config, store, Date.now, log, metrics),
  ];
  const scheduler = startScheduler(store, jobs, log);

  const signal = await stopped;
  log.info({ signal }, 'stopping');
  flush();
  await Promise.all([server.close(), scheduler.stop(config.shutdownTimeoutMs)]);
  await server.activity.stop(config.shutdownTimeoutMs);
  await store.close();
  log.info('stopped');
  await end();
  process.exit(0);
}
