// A complete service in this process, with a real socket, a real database and a frozen clock.

import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { buildApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { Metrics } from '../../src/http/metrics.ts';
import { powers, type Role } from '../../src/model/actor.ts';
import type { Stored } from '../../src/model/kind.ts';
import type { Contents } from '../../src/open-store.ts';
import type { Access } from '../../src/resources/access.ts';
import { catalog } from '../../src/resources/catalog.ts';
import { byOperator } from '../../src/resources/operations/record-change.ts';
import { insertOrganization } from '../../src/resources/organizations/insert-organization.ts';
import { accesses as productAccesses } from '../../src/resources/resources.ts';
import type { Route } from '../../src/resources/route.ts';
import { insertUser } from '../../src/resources/users/create-user.ts';
import { passwordHasher } from '../../src/security/passwords.ts';
import { generateToken, hashToken } from '../../src/security/tokens.ts';
import type { Store } from '../../src/store/store.ts';
import { type EngineName, emptyDatabase, emptyStore } from './engines.ts';
import { oneAddress } from './one-address.ts';

export const mediaType = 'application/vnd.api+json';
export const contentType = 'application/vnd.api+json; charset=utf-8';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The unparsed body. */
  readonly text: string;
  /** The parsed body; undefined if there is none. */
  readonly body: any;
}

export interface RequestOptions {
  /** Sent as X-Auth-Token. */
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  /** A document, or text that is sent unchanged. The Content-Type is application/vnd.api+json. */
  readonly body?: unknown;
}

export interface NewUser {
  readonly email?: string;
  readonly organizationId?: number;
  readonly role?: Role;
  readonly password?: string;
  /** Powers of a sysadmin; `true` for all. */
  readonly sysadmin?: boolean | readonly string[];
  /** More attributes, as stored. */
  readonly values?: Readonly<Record<string, Stored>>;
}

export interface NewToken {
  readonly machine?: boolean;
  readonly readOnly?: boolean;
  readonly membershipId?: number;
  readonly expiresAt?: number;
}

export interface TestApp {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly store: Store;
  readonly log: readonly Record<string, unknown>[];
  /** All routes as `GET /path/:id`, without HEAD and OPTIONS. */
  readonly routes: readonly string[];
  /** The frozen clock, in milliseconds since 1970. Add to it to let time pass. */
  readonly clock: { now: number };
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  createOrganization(name?: string): Promise<number>;
  /**
   * Creates a user with a token.
   * @returns its id and token
   */
  createUser(user?: NewUser): Promise<{ id: number; token: string }>;
  /** By default an API token. */
  createToken(userId: number, options?: NewToken): Promise<string>;
  /** Writes the activity of the requests so far. A service does it after a few seconds. */
  flushActivity(): Promise<void>;
  close(): Promise<void>;
}

/** The number of instances that serve one database together. Tests of one instance must also pass with several. */
const instances = Number(process.env.MUSTER_TEST_INSTANCES ?? 1);

/** What a test adds to the product. */
export interface TestOptions {
  /** Routes in addition to those of the catalog. */
  readonly routes?: readonly Route[];
  readonly metrics?: Metrics;
  /** Resources of the database; by default those of the product. */
  readonly contents?: Contents;
  /** In addition to those of the product. */
  readonly accesses?: readonly Access[];
}

/** By default, from which tests derive the tokens of links. */
export const testLinkSecret = 'the secret of links in tests, of 48 characters..';

/** By their names in src/settings.ts, as text. Undefined for the default of the product instead of that of tests. */
export type TestSettings = Readonly<Record<string, string | undefined>>;

export async function startApp(
  t: TestContext,
  engine: EngineName,
  settings: TestSettings = {},
  options: TestOptions = {},
): Promise<TestApp> {
  if (instances === 1) return serveStore(t, await emptyStore(t, engine, options.contents), settings, options);
  // On one SQLite file, instances share a request counter, like workers.
  const open = await emptyDatabase(t, engine, { workers: instances }, options.contents);
  // Sequential: in one process, a start that waits for the lock of another start would block it.
  const stores: Store[] = [];
  while (stores.length < instances) stores.push(await open());
  const urls: string[] = [];
  const publicUrl = await oneAddress(t, urls);
  const apps: TestApp[] = [];
  const shared = { ...newSurroundings(), ...options };
  for (const store of stores) {
    const app = await serveStore(t, store, { publicUrl, ...settings }, shared);
    apps.push(app);
    urls.push(app.url);
  }
  let turn = 0;
  return {
    ...apps[0]!,
    url: publicUrl,
    request: (...request) => apps[turn++ % instances]!.request(...request),
    flushActivity: async () => {
      for (const app of apps) await app.flushActivity();
    },
    close: async () => void (await Promise.all(apps.map((app) => app.close()))),
  };
}

/** What instances share, except their database. */
const newSurroundings = () => ({
  clock: { now: Date.parse('2026-03-17T04:04:00.843Z') },
  log: [] as Record<string, unknown>[],
});

export async function serveStore(
  t: TestContext,
  store: Store,
  settings: TestSettings = {},
  options: TestOptions & Partial<ReturnType<typeof newSurroundings>> = {},
): Promise<TestApp> {
  const { clock, log, routes = [], metrics = null, accesses = [] } = { ...newSurroundings(), ...options };
  const defaults = { port: '0', rateLimit: '0', invalidTokenLimit: '0', linkSecret: testLinkSecret };
  const config: Config = readConfig({ ...defaults, ...settings }, {});
  const lines = new Writable({
    write(chunk, _encoding, done) {
      const written = String(chunk).split('\n');
      log.push(...written.filter((line) => line !== '').map((line) => JSON.parse(line)));
      done();
    },
  });
  const server = await buildApp(config, store, () => clock.now, pino({ base: null }, lines), {
    routes: [...catalog, ...routes],
    accesses: [...productAccesses, ...accesses],
    metrics,
  });
  const url = await server.listen();
  let count = 0;
  let closed = false;
  const close = async () => {
    if (!closed) await server.close();
    closed = true;
  };
  t.after(close);

  const createToken: TestApp['createToken'] = async (userId, given = {}) => {
    const token = generateToken();
    const row = {
      user_id: userId,
      hash: hashToken(token),
      machine: given.machine ?? true,
      read_only: given.readOnly ?? false,
      membership_id: given.membershipId ?? null,
      name: 'test',
      created_at: clock.now,
      last_activity_at: given.machine === false ? clock.now : null,
      token_expires_at: given.expiresAt ?? null,
    };
    await store.write((transaction) => transaction.sessions.create(row));
    return token;
  };

  return {
    url,
    store,
    log,
    routes: routesOf(server.app.printRoutes({ commonPrefix: false })),
    clock,
    flushActivity: () => server.activity.flush(),
    close,
    createToken,
    request: (method, path, options) => send(url, method, path, options),
    createOrganization: (name = 'Organization') =>
      store.write((transaction) => insertOrganization(transaction, { name }, clock.now)),
    async createUser({ email, organizationId, role = 'member', password, sysadmin, values } = {}) {
      const passwordHash = password === undefined ? null : await hashOf(password);
      const granted = sysadmin === true ? powers : sysadmin || [];
      const row = {
        email: email ?? `user${++count}@email.com`,
        first_name: 'name',
        last_name: 'surname',
        default_organization_id: organizationId ?? null,
        sysadmin: sysadmin !== undefined && sysadmin !== false,
        sysadmin_permissions: JSON.stringify(granted),
        ...values,
      };
      const id = await store.write((transaction) =>
        insertUser(transaction, byOperator, row, { now: clock.now, passwordHash, role }),
      );
      return { id, token: await createToken(id) };
    },
  };
}

const hashes = new Map<string, Promise<string>>();

/** The same each time: people in tests have the same few passwords, and a hash takes longer than the rest of an account. */
function hashOf(password: string): Promise<string> {
  const hash =
    hashes.get(password) ?? passwordHasher(1).run('signed_in', (hashing) => hashing.hash(password));
  hashes.set(password, hash);
  return hash;
}

/** Parses the tree that Fastify prints: `└── /path/:id (GET, HEAD, PATCH)`. */
function routesOf(printed: string): string[] {
  const parents: string[] = [];
  return printed.split('\n').flatMap((line) => {
    const match = /^(.*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line);
    if (match === null) return [];
    const depth = match[1]!.length / 4;
    const path = (parents[depth - 1] ?? '') + match[2]!;
    parents.splice(depth, Infinity, path);
    const methods = match[3]?.split(', ') ?? [];
    return methods.filter((method) => !/HEAD|OPTIONS/.test(method)).map((method) => `${method} ${path}`);
  });
}

export async function send(
  url: string,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const { token, headers, body } = options;
  const hasBody = body !== undefined;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token !== undefined && { 'X-Auth-Token': token }),
      ...(hasBody && { 'Content-Type': mediaType }),
      ...headers,
    },
    ...(hasBody && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

/** A request document with these attributes. */
export function document(attributes: Record<string, unknown>, id?: string) {
  return { data: { type: 'users', ...(id !== undefined && { id }), attributes } };
}
