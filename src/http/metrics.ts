// Prometheus metrics, protected by their own token. Without that token in the settings, nothing is measured.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MailOutcome } from '../delivery/send-mails.ts';
import { ApiError } from '../errors.ts';
import type { MailKind } from '../model/mail.ts';
import type { Resource } from '../model/resource.ts';
import { version } from '../platform/version.ts';
import type { Services } from '../resources/operation.ts';
import { type BreachResult, breachResults } from '../security/breached-passwords.ts';
import { type HashPriority, hashPriorities } from '../security/password-queue.ts';
import { type SignInOutcome, signInOutcomes } from '../security/sign-in-outcomes.ts';
import { StoreUnavailable } from '../store/errors.ts';
import { type LongReadWatch, longReadOutcomes } from '../store/sql/long-reads.ts';
import { plainEndpoint } from './docs/plain-endpoint.ts';
import { plainRoutes } from './docs/plain-routes.ts';
import type { Endpoint } from './endpoint.ts';
import { limitingInvalidTokens } from './limit-invalid-tokens.ts';
import type { LimitRate } from './rate-limit.ts';

export interface Metrics {
  /** The metrics of this process. */
  readonly registry: Registry;
  /** The metrics of all worker processes together, as text. */
  readonly ofService: () => Promise<string>;
  readonly observeDatabase: (operation: 'read' | 'write', seconds: number) => void;
  readonly longReads: LongReadWatch;
  /** Counts a password check that was refused because the queue was full, or it had waited too long. */
  readonly observeShed: (priority: HashPriority) => void;
  readonly observeSignIn: (outcome: SignInOutcome) => void;
  /** Counts a new password that was looked up in breaches. */
  readonly observeBreach: (result: BreachResult) => void;
  /** Counts an attempt to send a mail, or the end of a mail without one. */
  readonly observeMail: (kind: MailKind, outcome: MailOutcome) => void;
}

/** @param ofService by default the metrics of this process, for a service without workers */
export function createMetrics(ofService?: () => Promise<string>): Metrics {
  const registry = new Registry();
  // The process and the event loop: CPU, memory, handles, loop delay, garbage collection.
  collectDefaultMetrics({ register: registry });
  const database = new Histogram({
    name: 'muster_database_seconds',
    help: 'Duration of read statements, and of write transactions until they are durable.',
    labelNames: ['operation'] as const,
    buckets: [0.00001, 0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
  });
  const longReads = new Counter({
    name: 'muster_long_reads_total',
    help: 'Reads that may take long, by their outcome. Those that were shed found too many others waiting.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  for (const outcome of longReadOutcomes) longReads.inc({ outcome }, 0);
  const longReadsNow = new Gauge({
    name: 'muster_long_reads',
    help: 'Reads that may take long, by whether they run or wait.',
    labelNames: ['state'] as const,
    registers: [registry],
  });
  const setLongReads = (running: number, waiting: number) => {
    longReadsNow.set({ state: 'running' }, running);
    longReadsNow.set({ state: 'waiting' }, waiting);
  };
  setLongReads(0, 0);
  const shed = new Counter({
    name: 'muster_password_shed_total',
    help: 'Password checks that were refused because the queue was full, or after 15 seconds in it, by who asked.',
    labelNames: ['priority'] as const,
    registers: [registry],
  });
  for (const priority of hashPriorities) shed.inc({ priority }, 0);
  const signIns = new Counter({
    name: 'muster_sign_ins_total',
    help: 'Sign-ins by password, by their outcome.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  for (const outcome of signInOutcomes) signIns.inc({ outcome }, 0);
  const breaches = new Counter({
    name: 'muster_breached_passwords_total',
    help: 'New passwords that were looked up in data breaches, by the result. If it is unknown, they were accepted.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  for (const result of breachResults) breaches.inc({ result }, 0);
  const mails = new Counter({
    name: 'muster_mails_total',
    help: 'Attempts to send mails by their outcome, and mails that ended without one: canceled, expired.',
    labelNames: ['kind', 'outcome'] as const,
    registers: [registry],
  });
  return {
    registry,
    ofService: ofService ?? (() => registry.metrics()),
    observeDatabase: (operation, seconds) => database.observe({ operation }, seconds),
    longReads: { ended: (outcome) => longReads.inc({ outcome }), now: setLongReads },
    observeShed: (priority) => shed.inc({ priority }),
    observeSignIn: (outcome) => signIns.inc({ outcome }),
    observeBreach: (result) => breaches.inc({ result }),
    observeMail: (kind, outcome) => mails.inc({ kind, outcome }),
  };
}

export function measureRequests(app: FastifyInstance, { registry }: Metrics): void {
  const requests = new Counter({
    name: 'muster_http_requests_total',
    help: 'Requests by route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'muster_http_request_seconds',
    help: 'Time from the header of a request to the end of its response.',
    labelNames: ['method', 'route'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern of the route, never the path, because a label must have few values.
    const route = request.routeOptions.url ?? 'none';
    requests.inc({ method: request.method, route, status: reply.statusCode });
    durations.observe({ method: request.method, route }, reply.elapsedTime / 1000);
    done();
  });
}

/** @param resources those whose records are counted */
export function metricsEndpoint(
  metrics: Metrics,
  token: string,
  resources: readonly Resource[],
  {
    store,
    clock,
    passwords,
    activity,
    renderings,
  }: Pick<Services, 'store' | 'clock' | 'passwords' | 'activity' | 'renderings'>,
  limitInvalidTokens: LimitRate<FastifyRequest>,
): Endpoint {
  const { registry } = metrics;
  new Gauge({
    name: 'muster_password_queue',
    help: 'Password checks that wait in the queue, by who asked.',
    labelNames: ['priority'] as const,
    registers: [registry],
    collect() {
      for (const priority of hashPriorities) this.set({ priority }, passwords.waiting(priority));
    },
  });
  new Gauge({
    name: 'muster_password_working',
    help: 'Password checks in progress.',
    registers: [registry],
    collect() {
      this.set(passwords.working);
    },
  });
  new Gauge({
    name: 'muster_activity_waiting',
    help: 'Times of the last activity that wait in memory to be written.',
    registers: [registry],
    collect() {
      this.set(activity.waiting);
    },
  });
  const cached = (what: 'hits' | 'misses', help: string) =>
    new Counter({
      name: `muster_document_cache_${what}_total`,
      help,
      labelNames: ['resource'] as const,
      registers: [registry],
      collect() {
        this.reset();
        for (const cache of renderings.caches) this.inc({ resource: cache.type }, cache[what]);
      },
    });
  cached('hits', 'Records whose JSON was in memory, by resource.');
  cached('misses', 'Records whose JSON was not in memory, and was written anew, by resource.');
  // Metrics of the database are the same in all workers and must not be added up, so they have a registry of their own.
  const database = new Registry();
  const registers = [database];
  const wal = new Gauge({ name: 'muster_wal_bytes', help: 'Size of the write-ahead log.', registers });
  const size = new Gauge({ name: 'muster_database_bytes', help: 'Size of the database.', registers });
  const queued = new Gauge({ name: 'muster_mails_queued', help: 'Mails that are to be sent.', registers });
  const oldest = new Gauge({
    name: 'muster_mails_oldest_seconds',
    help: 'Age of the oldest mail that is to be sent; 0 if there is none.',
    registers,
  });
  const rows = resources.map((resource) => {
    const { type } = resource;
    const gauge = new Gauge({ name: `muster_${type}`, help: `Number of ${type}.`, registers });
    return { resource, gauge };
  });

  new Gauge({
    name: 'muster_build_info',
    help: 'Always 1; the labels are the version, the version of Node, and the database engine.',
    labelNames: ['version', 'node', 'engine'] as const,
    registers,
  }).set({ version, node: process.version, engine: store.engine }, 1);
  const up = new Gauge({ name: 'muster_database_up', help: '1 if the database answers, else 0.', registers });
  async function measure(): Promise<void> {
    for (const { resource, gauge } of rows) gauge.set((await store.read.records(resource).state()).rowCount);
    const { sizeBytes, walBytes } = await store.size();
    size.set(sizeBytes);
    wal.set(walBytes ?? 0);
    const outbox = await store.read.mails.outbox();
    queued.set(outbox.queued);
    oldest.set(outbox.oldestAt === null ? 0 : Math.max(0, clock() - outbox.oldestAt) / 1000);
  }

  const admit: Endpoint['admit'] = (request) => {
    if (!sameToken(request.headers.authorization, token)) throw new ApiError('invalid_auth_token');
    return undefined;
  };
  const answer: Endpoint['answer'] = async () => {
    await measure().then(
      () => up.set(1),
      (error) => {
        if (!(error instanceof StoreUnavailable)) throw error;
        // The other metrics are most useful when the database does not answer.
        up.set(0);
      },
    );
    const body = (await metrics.ofService()) + (await database.metrics());
    return {
      status: 200,
      body,
      mediaType: registry.contentType,
      headers: { 'cache-control': 'no-store' },
    };
  };
  return plainEndpoint(plainRoutes.metrics, answer, {
    admit: limitingInvalidTokens(admit, limitInvalidTokens),
  });
}

function sameToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}
