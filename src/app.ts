// Wires the rooms: settings, a store and a clock in, a server that does not listen yet out.

import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Job } from './delivery/scheduler.ts';
import type { Metrics } from './http/metrics.ts';
import { createServer, type Server } from './http/server.ts';
import { zone } from './model/zone.ts';
import { Renderings } from './resources/cache/renderings.ts';
import { totalsCache } from './resources/cache/totals.ts';
import { catalog } from './resources/catalog.ts';
import type { Clock, Services } from './resources/operation.ts';
import { deleteExpiredKeys } from './resources/operations/delete-expired-keys.ts';
import type { Route } from './resources/route.ts';
import { passwordHasher } from './security/passwords.ts';
import { generateSecret } from './security/tokens.ts';
import type { Store } from './store/store.ts';

/** Names of the secrets that the server makes for itself and keeps. */
const secretNames = { identity: 'identity_verification', cursors: 'cursors', etags: 'etags' } as const;

/** Raised when the same row is written differently by a new version, so that no client keeps the old one. */
const documentFormat = 1;

export interface AppOptions {
  /** Null: nothing is measured. */
  readonly metrics?: Metrics | null;
  /** What is served; by default the whole catalog. */
  readonly routes?: readonly Route[];
}

export async function buildApp(
  config: Config,
  store: Store,
  clock: Clock,
  log: Logger,
  { metrics = null, routes = catalog }: AppOptions = {},
): Promise<Server> {
  const secrets = await keptSecrets(store);
  const identitySecret = config.intercomSecret || secrets.identity;
  const timeZone = zone(config.timeZone);

  const services: Services = {
    store,
    clock,
    zone: timeZone,
    passwords: passwordHasher(config.maxPasswordQueue),
    renderings: new Renderings({
      identitySecret,
      zone: timeZone,
      representation: `${documentFormat} ${secrets.etags} ${identitySecret} ${timeZone.name}`,
      maxKeptBytes: config.documentCacheBytes,
    }),
    queries: { zone: timeZone, limits: config, cursorKey: secrets.cursors },
    totals: totalsCache(1000),
    minPasswordLength: config.minPasswordLength,
    membersSeeEachOther: config.membersSeeEachOther,
  };
  return createServer(config, services, log, { metrics, routes, write: store.write });
}

/** What runs in the background, once among all processes on a database. */
export function backgroundJobs(clock: Clock): readonly Job[] {
  return [
    {
      name: 'delete-expired-idempotency-keys',
      everySeconds: 60,
      work: (run) => deleteExpiredKeys(run, clock),
    },
  ];
}

async function keptSecrets(store: Store): Promise<Record<keyof typeof secretNames, string>> {
  const entries = Object.entries(secretNames);
  const known = await Promise.all(entries.map(([, name]) => store.read.secrets.find(name)));
  const values = known.every((value) => value !== null)
    ? known
    : await store.write(async ({ secrets }) => {
        const kept: string[] = [];
        for (const [, name] of entries) kept.push(await secrets.keep(name, generateSecret()));
        return kept;
      });
  return Object.fromEntries(entries.map(([key], i) => [key, values[i]])) as Record<
    keyof typeof secretNames,
    string
  >;
}
