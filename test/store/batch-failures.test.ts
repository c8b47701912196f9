// Requests whose look-ups share a statement do not share its failure.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type pg from 'pg';
import { type Config, readConfig } from '../../src/config.ts';
import { openEngine, openStore, product } from '../../src/open-store.ts';
import { users } from '../../src/resources/users/users.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import type { Store } from '../../src/store/store.ts';
import { clearedConfig, engines, onEachEngine } from '../support/engines.ts';
import {
  assertUnavailable,
  connectTo,
  startPostgres,
  until,
  waitingProcesses,
} from '../support/postgres-outage.ts';
import { headerText, openSocket, type RawConnection, readAnswer } from '../support/raw-socket.ts';
import { recordedQueries } from '../support/recorded-queries.ts';
import { serveStore, startApp, type TestApp } from '../support/start-app.ts';

const people = 20;
const address = (i: number) => `person${i}@example.com`;

async function createPeople(app: TestApp) {
  const ids: number[] = [];
  for (let i = 0; i < people; i++) ids.push((await app.createUser({ email: address(i) })).id);
  const { token } = await app.createUser({ sysadmin: true });
  return { app, ids, token };
}

/** A look-up over HTTP, and the status of its answer. */
interface Strange {
  /** Of latin1, so that any byte can be sent. */
  readonly path?: string;
  readonly fields?: readonly string[];
  readonly token?: string;
  readonly status: number;
}

const byAddress = (value: string) => `/api/v2/users?filter[email]=${value}`;
const byId = (value: string) => `/api/v2/users/${value}`;

const strange: readonly Strange[] = [
  ...['1%00', '%00', '%ED%A0%80', '1%FF', '1e3', '-1', 'NaN', '1::int', "1'"].map(byId),
  ...['2147483648', '9007199254740991', '9007199254740993', '9223372036854775808', '9'.repeat(90)].map(byId),
].map((path) => ({ path, status: 404 }));

const strangeBytes: readonly Strange[] = ['\xff', '1\xc3\x28'].map((value) => ({
  path: byId(value),
  status: 400,
}));

const strangeAddresses: readonly Strange[] = [
  ...['a%00@example.com', '%ED%A0%80@example.com', '%FF@example.com', '\xff@example.com', '%00'],
].map((value) => ({ path: byAddress(value), status: 400 }));

const addressesOfNobody: readonly Strange[] = [
  ...['%7B%22a%22,NULL%7D', 'NULL', '%5C%5C%22%27%2C%7B', `%27::int[]`, '%F0%9F%98%80@example.com'],
  `${'a'.repeat(500)}@example.com`,
].map((value) => ({ path: byAddress(value), status: 200 }));

const strangeTokens: readonly Strange[] = [
  ...[
    '\xff'.repeat(40),
    '%00'.repeat(20),
    '{NULL,"a"}'.repeat(5),
    "'::int[] \\x00".repeat(4),
    'a'.repeat(4000),
  ],
].map((token) => ({ token, status: 401 }));

const strangeOrganizations: readonly Strange[] = [
  ...['9223372036854775808', '9007199254740991', '\xff', '1e3', 'NaN'],
].map((id) => ({ fields: [`X-Organization-Id: ${id}`], status: 403 }));

const all = [
  ...strange,
  ...strangeBytes,
  ...strangeAddresses,
  ...addressesOfNobody,
  ...strangeTokens,
  ...strangeOrganizations,
];

/** Opens the connections first, so that all requests arrive together. */
async function sendTogether(t: TestContext, app: TestApp, token: string, asked: readonly Strange[]) {
  const connections: RawConnection[] = [];
  for (const _ of asked) connections.push(await openSocket(t, app.url));
  asked.forEach(({ path = byId('1'), fields = [], token: own = token }, i) => {
    const lines = ['Host: localhost', 'Connection: close', `X-Auth-Token: ${own}`, ...fields];
    connections[i]!.socket.write(Buffer.from(headerText(`GET ${path} HTTP/1.1`, ...lines), 'latin1'));
  });
  return connections;
}

const statusOf = async ({ closed }: RawConnection) => readAnswer(await closed).status;

onEachEngine((engine) => {
  test('strange ids, addresses, tokens and headers are answered as such, and nobody else notices', async (t) => {
    const { app, ids, token } = await createPeople(await startApp(t, engine));
    const asked = all.flatMap((one, i) => [
      one,
      { path: byId(String(ids[i % people])), status: 200 },
      { path: byAddress(address(i % people)), status: 200 },
    ]);
    const statuses = await Promise.all((await sendTogether(t, app, token, asked)).map(statusOf));
    const others = asked.map((one, i) => ({ ...one, answered: statuses[i] }));
    assert.deepEqual(
      others.filter(({ status, answered }) => answered !== status),
      [],
    );
  });

  test('a client that leaves takes nobody with it', async (t) => {
    const { app, ids, token } = await createPeople(await startApp(t, engine));
    const asked = ids.map((id, i) => ({
      path: i % 2 === 0 ? byId(`${id}`) : byAddress(address(i)),
      status: 200,
    }));
    const connections = await sendTogether(t, app, token, [...asked, ...asked]);
    for (const { socket } of connections.slice(people)) socket.resetAndDestroy();
    assert.deepEqual(
      await Promise.all(connections.slice(0, people).map(statusOf)),
      asked.map(() => 200),
    );
  });

  test('a value that the database refuses fails alone', async (t) => {
    const opened = await openEngine(await clearedConfig(t, engine));
    t.after(() => opened.close());
    const { engine: recorded, taken } = recordedQueries(opened);
    const store = sqlStore(recorded, product.resources);
    const { ids } = await createPeople(await serveStore(t, store));
    taken();
    for (const [refused, lookUp] of lookUpsOf(store)) {
      const found = await Promise.allSettled([
        lookUp(address(0), ids[0]!),
        ...ids.map((id, i) => (i === 7 ? lookUp(refused, refused as never) : lookUp(address(i), id))),
      ]);
      const [first, ...others] = found;
      assert.equal(first!.status, 'fulfilled');
      const failed = others.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
      assert.deepEqual(failed, engine === 'postgres' ? [7] : failed.filter((i) => i === 7));
      const values = others.filter((_, i) => i !== 7).map((one) => (one as { value: unknown }).value);
      assert.deepEqual(
        values,
        ids.filter((_, i) => i !== 7),
      );
      if (engine === 'postgres') assert.ok(taken().length <= 12, 'in halves');
    }
  });
});

/** Each with a text that PostgreSQL refuses, and gives the id that it finds. */
function lookUpsOf(store: Store) {
  const records = store.read.records(users);
  const page = { by: 'number', number: 1, size: 30 } as const;
  const sort = [{ attribute: 'id', descending: false }];
  const queryOf = (email: string) => ({
    filter: { attribute: 'email', operator: 'eq', values: [email] } as const,
    ...{ sort, page, fields: null },
  });
  type LookUp = (email: string, id: number) => Promise<unknown>;
  const lookUps: [string, LookUp][] = [
    ['9223372036854775808', async (_, id) => (await records.find(id))?.id],
    ['\0', async (email) => (await records.findByIdentity('email', email))?.id],
    [
      '\0',
      async (email) => {
        const { page: found } = await records.stateWithPage(queryOf(email), null);
        return (found ?? (await records.page(queryOf(email), null, null)))[0]?.id;
      },
    ],
    ['\0', async (email, id) => (await store.read.signInAttempts.find(email)) && id],
    ['\0', async (email, id) => (await store.authenticate(email, null)) ?? id],
  ];
  return lookUps;
}

/** Ends the connections of statements that wait for a lock. */
async function endWaiting(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows.length;
}

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  /** Locks the table of users, so that look-ups wait in the server, until the lock is given back. */
  async function locked(t: TestContext, settings: Partial<Config>, config?: Config) {
    config ??= await clearedConfig(t, 'postgres');
    const open = async (more: Partial<Config>) => {
      const store = await openStore({ ...config, ...more });
      t.after(() => store.close());
      return serveStore(t, store);
    };
    const { ids, token } = await createPeople(await open({}));
    const app = await open(settings);
    const locker = await connectTo(t, config.databaseUrl!);
    const watcher = await connectTo(t, config.databaseUrl!);
    const lock = async () => void (await locker.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE'));
    const unlock = async () => void (await locker.query('ROLLBACK'));
    const ask = () => Promise.all(ids.map((id) => app.request('GET', byId(String(id)), { token })));
    return { app, ids, token, ask, lock, unlock, watcher };
  }

  test('a statement that takes too long is answered 503, and the next is not hurt', async (t) => {
    const { ask, lock, unlock } = await locked(t, { statementTimeoutMs: 500 });
    await lock();
    for (const answer of await ask()) assertUnavailable(answer);
    await unlock();
    // On a busy machine, a statement may take that long without a lock.
    await until(async () => (await ask()).every(({ status }) => status === 200));
  });

  test('requests whose connection is lost are answered by another one', async (t) => {
    const { ask, lock, unlock, watcher } = await locked(t, {
      statementTimeoutMs: 600_000,
      databaseTimeoutMs: 600_000,
    });
    await lock();
    const answers = ask();
    await until(async () => (await endWaiting(watcher)) > 0);
    await unlock();
    for (const { status } of await answers) assert.equal(status, 200);
  });

  test('a connection that has gone silent keeps only those waiting who were asked over it', async (t) => {
    const server = await startPostgres(t);
    const settings = { statementTimeoutMs: 600_000, databaseTimeoutMs: 600_000 };
    const config = readConfig({ databaseUrl: server.url() }, {});
    const { app, ids, token, ask, lock, unlock, watcher } = await locked(t, settings, config);
    await lock();
    const unlucky = app.request('GET', byId(String(ids[0])), { token });
    await until(async () => (await waitingProcesses(watcher)).length > 0);
    const [silent] = await waitingProcesses(watcher);
    process.kill(silent!, 'SIGSTOP');
    try {
      await unlock();
      for (const { status } of await ask()) assert.equal(status, 200);
    } finally {
      process.kill(silent!, 'SIGCONT');
    }
    assert.equal((await unlucky).status, 200);
  });
});
