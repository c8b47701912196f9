// Wires the parts together: takes the settings, a store and a clock, and returns a server that does not listen yet.

import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { hashRules } from './hash-settings.ts';
import type { Metrics } from './http/metrics.ts';
import { createServer, type Server } from './http/server.ts';
import { documentForm } from './jsonapi/write-document.ts';
import { zone } from './model/zone.ts';
import { mailRenderer, openMail, servesMailbox } from './open-mail.ts';
import { memoryBytes } from './platform/memory.ts';
import { readBrand } from './read-brand.ts';
import { type Access, accessesByType } from './resources/access.ts';
import { ActivityCollector } from './resources/activity/activity-collector.ts';
import { cacheLimit } from './resources/cache/cache-limit.ts';
import { Renderings } from './resources/cache/renderings.ts';
import { talliesCache, totalsCache } from './resources/cache/totals.ts';
import { catalog } from './resources/catalog.ts';
import { mailsRoutes } from './resources/mails/mails-routes.ts';
import type { Clock, Services } from './resources/operation.ts';
import { accesses as productAccesses } from './resources/resources.ts';
import type { Route } from './resources/route.ts';
import { attemptsSecretName } from './resources/sign-in/sign-in-throttle.ts';
import type { BreachWatch } from './security/breached-passwords.ts';
import { keyedHash } from './security/keyed-hash.ts';
import { passwordPolicy } from './security/password-policy.ts';
import { passwordHasher } from './security/passwords.ts';
import { sessionLimits } from './security/session-limits.ts';
import { generateSecret } from './security/tokens.ts';
import type { Store } from './store/store.ts';

/** Secrets that the server generates and stores in the database, by their names there. */
const secretNames = {
  identity: 'identity_verification',
  cursors: 'cursors',
  etags: 'etags',
  attempts: attemptsSecretName,
} as const;

/**
 * Part of every ETag, as are the attributes of the resources. Increase it when a new version renders the same value
 * differently, so that clients fetch it again.
 */
const documentFormat = 1;

export interface AppOptions {
  /** Null turns metrics off. */
  readonly metrics?: Metrics | null;
  /** The routes to serve; by default the whole catalog. */
  readonly routes?: readonly Route[];
  /** Who sees the records of each resource; by default of all of the product. */
  readonly accesses?: readonly Access[];
}

export interface App extends Server {
  /** Collects from the first request on, and writes after its `start`. */
  readonly activity: ActivityCollector;
}

export async function buildApp(
  config: Config,
  store: Store,
  clock: Clock,
  log: Logger,
  { metrics = null, routes = catalog, accesses = productAccesses }: AppOptions = {},
): Promise<App> {
  // The store throws here, and not at the first request, if it was opened without the resource of a route.
  for (const { resource } of routes) if (!resource.isComputed) store.read.records(resource);
  const secrets = await storedSecrets(store);
  const identitySecret = config.intercomSecret || secrets.identity;
  const timeZone = zone(config.timeZone);
  const served = new Set([...accesses, ...routes].map(({ resource }) => resource));
  const forms = [...served].map(documentForm).join(' ');

  let address = '';
  const mail = openMail(config);
  const limits = sessionLimits(config);
  const services: Services = {
    store,
    clock,
    zone: timeZone,
    passwords: passwordHasher(config.maxPasswordQueue, {
      secrets: hashRules(config).secrets,
      ...(metrics !== null && { onShed: metrics.observeShed }),
    }),
    renderings: new Renderings({
      identityHash: keyedHash(identitySecret),
      zone: timeZone,
      representation: `${documentFormat} ${forms} ${secrets.etags} ${identitySecret} ${timeZone.name}`,
      maxKeptBytes: cacheLimit(config, memoryBytes()),
    }),
    queries: {
      zone: timeZone,
      limits: config,
      cursorHmac: keyedHash(secrets.cursors),
      resources: new Map(accesses.map(({ resource }) => [resource.type, resource])),
    },
    accesses: accessesByType(accesses, served),
    totals: totalsCache(1000),
    tallies: talliesCache(200),
    attemptsSecret: secrets.attempts,
    mail,
    renderMail: mailRenderer(config, mail, store.write, () => address),
    invitationDays: config.invitationDays,
    sessionLimits: limits,
    activity: new ActivityCollector(store.write, limits.idleMs),
    passwordPolicy: passwordPolicy(config, breachWatch(log, metrics), clock),
    resetMinutes: config.resetMinutes,
    tokensWithoutPassword: config.tokensWithoutPassword,
    newDeviceMails: config.newDeviceMails,
    membersSeeEachOther: config.membersSeeEachOther,
    selfServiceOrganizations: config.selfServiceOrganizations,
    confirmEmail: config.confirmEmail,
    observeSignIn: metrics?.observeSignIn ?? (() => {}),
  };
  const server = createServer(config, services, log, {
    metrics,
    routes: servesMailbox(config) ? routes : routes.filter((route) => !mailsRoutes.includes(route)),
    brand: readBrand(config),
    write: store.write,
  });
  return {
    ...server,
    async listen() {
      address = await server.listen();
      return address;
    },
    activity: services.activity,
  };
}

/** Passes to the log and the metrics that passwords are not looked up, because their source does not answer. */
export function breachWatch(log: Logger, metrics: Metrics | null): BreachWatch {
  return {
    onResult: metrics?.observeBreach ?? (() => {}),
    onUnknown: (reason, passwords) =>
      log.warn({ reason, passwords }, 'breached passwords unavailable, new passwords accepted'),
  };
}

/** Reads the secrets, and generates those that are missing. If several processes do so at once, all get the same. */
async function storedSecrets(store: Store): Promise<Record<keyof typeof secretNames, string>> {
  const entries = Object.entries(secretNames);
  const known = await Promise.all(entries.map(([, name]) => store.read.secrets.find(name)));
  const values = known.every((value) => value !== null)
    ? known
    : await store.write(async ({ secrets }) => {
        const stored: string[] = [];
        for (const [, name] of entries) stored.push(await secrets.keep(name, generateSecret()));
        return stored;
      });
  return Object.fromEntries(entries.map(([key], i) => [key, values[i]])) as Record<
    keyof typeof secretNames,
    string
  >;
}
