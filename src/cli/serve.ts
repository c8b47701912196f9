// `muster serve`: from the settings to a running service, and back down when told to stop.

import { pino } from 'pino';
import { buildApp } from '../app.ts';
import { bootstrap, type FirstAccount } from '../bootstrap.ts';
import { type Config, ConfigError, unknownVariables } from '../config.ts';
import { createMetrics } from '../http/metrics.ts';
import { openStore } from './open-store.ts';

export async function serve(config: Config): Promise<void> {
  // Many lines go out together: a write for each would cost more than the request that it tells of.
  const destination = pino.destination({
    dest: 1,
    sync: false,
    minLength: 32_768,
    maxWrite: 65_536,
    periodicFlush: 200,
  });
  const log = pino({ level: config.logLevel, base: null }, destination);
  for (const name of unknownVariables(process.env)) log.warn({ name }, 'not a setting');

  const metrics = config.metricsToken === '' ? null : createMetrics();
  const store = await openStore(config, metrics?.observeDatabase);
  const first = await bootstrap(config, store, Date.now);
  const server = await buildApp(config, store, Date.now, log, metrics);
  const stopped = stopSignal();
  const address = await server.listen().catch((cause: NodeJS.ErrnoException) => {
    const setting = cause.code === 'EADDRINUSE' || cause.code === 'EACCES' ? 'MUSTER_PORT' : 'MUSTER_HOST';
    throw new ConfigError(`${setting} cannot be listened on: ${cause.message}`, { cause });
  });
  if (first !== null) process.stdout.write(welcome(config.publicUrl || address, first));
  log.info({ address, database: store.engine }, 'ready');
  destination.flush();

  const signal = await stopped;
  log.info({ signal }, 'stopping');
  destination.flush();
  await server.close();
  await store.close();
  log.info('stopped');
  destination.flushSync();
  process.exit(0);
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

function welcome(url: string, { email, password, token }: FirstAccount): string {
  const lines = [`Muster is ready at ${url}`, '', `  First account   ${email}`];
  if (password !== null) lines.push(`  Password        ${password}`);
  if (token !== null) lines.push(`  API token       ${token}`);
  if (password !== null || token !== null) lines.push('', 'What is secret here is shown this once.');
  if (token !== null) lines.push('Try it:', '', `  curl -H 'X-Auth-Token: ${token}' ${url}/api/v2/users`);
  return `\n${lines.join('\n')}\n\n`;
}
