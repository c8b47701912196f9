// A real service on a PostgreSQL server, for tests of outages.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { assertError } from './assert-error.ts';
import { temporaryFolder } from './engines.ts';
import { makePostgres, type PostgresServer, type ServerOptions } from './postgres-server.ts';
import { type Environment, type MusterProcess, spawnMuster } from './spawn-muster.ts';
import { type Answer, document, send } from './start-app.ts';

export const token = 'a-token-of-the-first-account-with-32-characters';

const metricsToken = 'a-token-of-the-metrics';

/** A server for this test alone, with durable settings. */
export async function startPostgres(t: TestContext, options?: ServerOptions): Promise<PostgresServer> {
  const server = await makePostgres(await temporaryFolder(t), options);
  await server.start();
  t.after(() => server.kill());
  return server;
}

/** Settings of a service on this database. */
export const settingsOn = (databaseUrl: string): Environment => ({
  MUSTER_DATABASE_URL: databaseUrl,
  MUSTER_BOOTSTRAP_TOKEN: token,
  MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
  // High enough that no test reaches it.
  MUSTER_RATE_LIMIT: '1000000',
  MUSTER_METRICS_TOKEN: metricsToken,
});

export function serveOn(t: TestContext, databaseUrl: string, env: Environment = {}): Promise<MusterProcess> {
  return spawnMuster(t, { env: { ...settingsOn(databaseUrl), ...env } });
}

export interface TimedAnswer extends Answer {
  readonly ms: number;
}

/** Sends a request with the token of the first account. */
export async function ask(
  { url }: MusterProcess,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<TimedAnswer> {
  const startedAt = performance.now();
  const answer = await send(url, method, path, { token, body, headers });
  return { ...answer, ms: performance.now() - startedAt };
}

let created = 0;

/** @param attributes in addition to the required ones */
export function create(muster: MusterProcess, attributes: Record<string, unknown> = {}) {
  const email = `person${++created}@email.com`;
  const body = document({ email, first_name: 'name', last_name: 'surname', ...attributes });
  return ask(muster, 'POST', '/api/v2/users', body);
}

/**
 * Creates a user.
 * @returns its id
 */
export async function createPerson(muster: MusterProcess): Promise<string> {
  const answer = await create(muster);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.data.id;
}

export function rename(muster: MusterProcess, id: string, name: string, headers?: Record<string, string>) {
  return ask(muster, 'PATCH', `/api/v2/users/${id}`, document({ first_name: name }, id), headers);
}

export async function nameOf(muster: MusterProcess, id: string): Promise<string> {
  const { body } = await ask(muster, 'GET', `/api/v2/users/${id}`);
  return body.data.attributes.first_name;
}

/**
 * Far longer than a test may take: a request that waits for this timeout makes the test fail. So that requests are
 * refused at once is checked without a clock, which says nothing on a busy machine.
 */
export const noTimeouts: Environment = {
  MUSTER_DATABASE_TIMEOUT_MS: '3600000',
  MUSTER_DATABASE_CONNECT_TIMEOUT_MS: '3600000',
};

/** Checks the response to a request during an outage: 503, without details of SQL. */
export function assertUnavailable(answer: Answer): void {
  assertError(answer, 503, 'service_unavailable');
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
}

/** Only ends a test that has failed, with the line that waited: far longer than any pause of a busy machine. */
const untilMs = 120_000;

/**
 * Waits until a condition is true.
 * @returns the duration in milliseconds
 */
export async function until(holds: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) {
    assert.ok(performance.now() - startedAt < untilMs, `not within ${untilMs} ms`);
    await sleep(20);
  }
  return performance.now() - startedAt;
}

export const isReady = async (muster: MusterProcess) =>
  (await ask(muster, 'GET', '/health/ready')).status === 200;

/** Whether the metrics say that the database is up. The metrics must be available in both cases. */
export async function isUp({ url }: MusterProcess): Promise<boolean> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
  assert.equal(answer.status, 200);
  return /^muster_database_up 1$/m.test(await answer.text());
}

/** A connection of another client, for example an operator. It is closed when the test ends. */
export async function connectTo(t: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 60_000 });
  client.on('error', () => {});
  await client.connect();
  t.after(() => client.end().catch(() => {}));
  return client;
}

/**
 * The server processes of statements that wait for a lock in its database.
 * @param client in no transaction: that would see the first answer again
 */
export async function waitingProcesses(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.map(({ pid }) => pid);
}

/** Checks that the service logged no unknown error. */
export function assertNoSurprise(muster: MusterProcess): void {
  assert.deepEqual(
    muster.log.filter(({ level }) => Number(level) >= 50),
    [],
  );
  assert.equal(muster.stderr, '');
}
