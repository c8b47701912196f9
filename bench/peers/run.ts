// Measures the same work on other servers, each compared with the yardstick in the same run. See README.md.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill, token } from '../fill.ts';
import { type Measured, measure, request } from '../measure.ts';
import { type RunningServer, startLoad, startMuster, startNode, startYardstick } from '../servers.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});
const users = Number(options.users);
const here = import.meta.dirname;
if (!existsSync(join(here, 'node_modules'))) {
  console.log('The other servers are not installed. Run: npm ci --prefix bench/peers --ignore-scripts');
  process.exit(1);
}

interface Wire {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

interface Peer {
  readonly name: string;
  readonly server: RunningServer;
  one(id: number): Wire;
  list(): Wire;
  change(id: number, name: string): Wire;
}

const folder = mkdtempSync(join(tmpdir(), 'muster-peers-'));
const people = join(folder, 'people.json');

async function muster(): Promise<Peer> {
  const server = await startMuster(folder, {});
  const headers = { 'X-Auth-Token': token };
  return {
    name: 'Muster',
    server,
    one: (id) => ({ method: 'GET', path: `/api/v2/users/${id}`, headers }),
    list: () => ({ method: 'GET', path: '/api/v2/users', headers }),
    change: (id, name) => jsonApiChange(`/api/v2/users/${id}`, id, name, headers),
  };
}

async function jsonServer(): Promise<Peer> {
  const headers = { 'Content-Type': 'application/json' };
  return {
    name: 'json-server',
    server: await startPeer('json-server', {}),
    one: (id) => ({ method: 'GET', path: `/users/${id}`, headers: {} }),
    list: () => ({ method: 'GET', path: '/users?_page=1&_limit=30', headers: {} }),
    change: (id, name) => ({
      method: 'PATCH',
      path: `/users/${id}`,
      headers,
      body: JSON.stringify({ first_name: name }),
    }),
  };
}

async function jsonApiServer(): Promise<Peer> {
  const headers = { 'X-Auth-Token': token };
  return {
    name: 'jsonapi-server',
    server: await startPeer('jsonapi-server', {}),
    one: (id) => ({ method: 'GET', path: `/rest/users/${id}`, headers }),
    list: () => ({ method: 'GET', path: '/rest/users?page[offset]=0&page[limit]=30', headers }),
    change: (id, name) => jsonApiChange(`/rest/users/${id}`, id, name, headers),
  };
}

async function parseServer(): Promise<Peer> {
  const server = await startPeer('parse-server', {
    PARSE_DATABASE_URI: process.env.PARSE_DATABASE_URI!,
  });
  const created = JSON.parse(readFileSync(`${people}.parse.json`, 'utf8')) as {
    sessionToken: string;
    ids: readonly string[];
  };
  const headers = { 'X-Parse-Application-Id': 'bench', 'X-Parse-Session-Token': created.sessionToken };
  const path = (id: number) => `/parse/classes/Person/${created.ids[id - 1]}`;
  return {
    name: 'Parse Server',
    server,
    one: (id) => ({ method: 'GET', path: path(id), headers }),
    list: () => ({ method: 'GET', path: '/parse/classes/Person?order=number&limit=30&count=1', headers }),
    change: (id, name) => ({
      method: 'PUT',
      path: path(id),
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ first_name: name }),
    }),
  };
}

function jsonApiChange(path: string, id: number, name: string, headers: Record<string, string>): Wire {
  return {
    method: 'PATCH',
    path,
    headers: { ...headers, 'Content-Type': 'application/vnd.api+json' },
    body: JSON.stringify({ data: { type: 'users', id: String(id), attributes: { first_name: name } } }),
  };
}

async function startPeer(name: string, environment: Record<string, string>): Promise<RunningServer> {
  return startNode(
    [join(here, `${name}.mjs`)],
    { NODE_ENV: 'production', PEOPLE: people, TOKEN: token, PORT: String(await freePort()), ...environment },
    /^listening (\d+)$/m,
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address!.port : 0));
    });
  });
}

const load = startLoad();
const results: (Measured & { peer: string })[] = [];
try {
  await fill({ MUSTER_DATA_DIR: folder }, users);
  await writePeople();
  for (const start of [muster, jsonServer, jsonApiServer, parseServer]) {
    if (options.only !== undefined && !start.name.toLowerCase().includes(options.only)) continue;
    if (start === parseServer && process.env.PARSE_DATABASE_URI === undefined) {
      console.log('Parse Server is skipped: set PARSE_DATABASE_URI to an empty PostgreSQL database');
      continue;
    }
    let peer: Peer | undefined;
    try {
      peer = await start();
      for (const row of rowsOf(peer)) results.push({ peer: peer.name, ...(await measureRow(peer, row)) });
    } catch (error) {
      console.log(`${peer?.name ?? start.name}: ${(error as Error).message}`);
    }
    await peer?.server.stop();
  }
} finally {
  load.stop();
  rmSync(folder, { recursive: true });
}
console.log(`${users} users, node ${process.version}`);
console.table(
  results.map((m) => ({
    server: m.peer,
    work: m.name,
    ratio: m.ratio.toFixed(3),
    'cpu ratio': m.cpuRatio.toFixed(3),
    'requests/s': Math.round(m.requestsPerSecond),
    'cpu µs': Math.round(m.cpuMicroseconds),
    'p50 ms': m.p50Ms.toFixed(2),
    'p99 ms': m.p99Ms.toFixed(2),
    'RSS MiB': Math.round(m.residentMiB),
  })),
);

interface PeerRow {
  readonly name: string;
  readonly wires: readonly Wire[];
}

function rowsOf(peer: Peer): PeerRow[] {
  const ids = Array.from({ length: 5000 }, (_, i) => 1 + ((i * 7919) % users));
  // Each user gets one name, then the other, so that every request changes something.
  const changed = ids.slice(0, 100);
  return [
    { name: 'one user by id', wires: ids.map((id) => peer.one(id)) },
    { name: 'list of 30', wires: [peer.list()] },
    {
      name: 'change of one attribute',
      wires: ['Anna', 'Berta'].flatMap((name) => changed.map((id) => peer.change(id, name))),
    },
  ];
}

async function measureRow(peer: Peer, { name, wires }: PeerRow): Promise<Measured> {
  const body = await bodyOf(wires[0]!, peer.server.port);
  const yardstick = await startYardstick(folder, body);
  const requests = wires.map(({ method, path, headers, body }) =>
    request(method, path, '', {
      headers: { Accept: '*/*', ...headers },
      ...(body !== undefined && { body }),
    }),
  );
  try {
    const timing = { rounds: Number(options.rounds), seconds: Number(options.seconds), sleeps: false };
    return await measure({ name, bar: null, requests }, yardstick, peer.server, load, timing);
  } finally {
    await yardstick.stop();
  }
}

/** The server's response to a request. The yardstick answers with the same bytes. */
async function bodyOf({ method, path, headers, body }: Wire, port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

/** Writes all of Muster's users to a file, so that every server has the same data. */
async function writePeople(): Promise<void> {
  const server = await startMuster(folder, {});
  const all: object[] = [];
  for (let page = 1; all.length < users; page++) {
    const path = `/api/v2/users?sort=id&page[size]=200&page[number]=${page}`;
    const text = await bodyOf({ method: 'GET', path, headers: { 'X-Auth-Token': token } }, server.port);
    const { data } = JSON.parse(text) as { data: { id: string; attributes: object }[] };
    if (data.length === 0) break;
    all.push(...data.map(({ id, attributes }) => ({ id, ...attributes })));
  }
  writeFileSync(people, JSON.stringify(all));
  await server.stop();
}
