// The rows of the benchmark, each with its requirement.

import { readConfig } from '../src/config.ts';
import { readCollectionQuery } from '../src/jsonapi/read-query.ts';
import { zone } from '../src/model/zone.ts';
import { openStore } from '../src/open-store.ts';
import { users as definition } from '../src/resources/users/users.ts';
import { keyedHash } from '../src/security/keyed-hash.ts';
import { callerTokens, membershipCounts } from './callers.ts';
import type { BenchDatabase } from './databases.ts';
import { token } from './fill.ts';
import { type Row, request } from './measure.ts';
import { addressOf, emailOf, password, signInRequest, signInToken, tokenOfMany } from './sign-ins.ts';

const get = (path: string) => request('GET', `/api/v2/users${path}`, token);
const firstPage = 'list of 30, first page';
const byId = 'one user by id';
/** Of the values that are written. */
const shiftOfThisRun = Date.now() % 1000;

/** @param users number of users; their ids begin with 1 */
export async function benchRows(database: BenchDatabase, users: number): Promise<Row[]> {
  // Spread over all users: the step is a prime, so it has no common factor with the number of users.
  const ids = Array.from({ length: 20_000 }, (_, i) => 1 + ((i * 7919) % users));
  const cursor = await cursorMaker(database.environment);
  const lastPage = Math.ceil(users / 30);
  /** The lowest accepted ratio, by engine. */
  const bar = (sqlite: number | null, postgres: number | null = null) =>
    database.name === 'sqlite' ? sqlite : postgres;
  /** So many that no cache holds them, and that no user is requested twice. */
  const isLarge = users >= 400_000;
  const uncached: Row = {
    name: 'one user by id, not cached',
    bar: bar(0.4),
    goesOn: true,
    requests: Array.from({ length: 300_000 }, (_, i) => get(`/${1 + (((ids.length + i) * 7919) % users)}`)),
  };
  return [
    { name: byId, bar: bar(isLarge ? 0.6 : 0.65, 0.45), requests: ids.map((id) => get(`/${id}`)) },
    {
      name: 'one user by id, by a sign-in',
      bar: null,
      shareOf: { row: byId, atLeast: 0.95 },
      requests: ids.map((id) => request('GET', `/api/v2/users/${id}`, signInToken)),
    },
    ...(isLarge ? [uncached] : []),
    {
      name: 'filter by exact email',
      bar: bar(0.3, 0.25),
      requests: ids.map((id) => get(`?filter[email]=person${id}@example.com`)),
    },
    { name: firstPage, bar: bar(0.2, 0.03), requests: [get('')] },
    ...membershipCounts.map(signingIn),
    {
      name: 'list of 30 sessions',
      bar: null,
      shareOf: { row: firstPage, atLeast: 1 / 3 },
      requests: [request('GET', '/api/v2/sessions', tokenOfMany)],
    },
    {
      name: 'list of 30 events',
      bar: null,
      shareOf: { row: firstPage, atLeast: 1 / 3 },
      requests: [request('GET', '/api/v2/events?page[size]=30', token)],
    },
    {
      name: 'list of 30, filtered to 1 in 10',
      bar: bar(0.2),
      requests: [get('?filter[newsletter_consent]=true')],
    },
    {
      name: 'list of 30, any page by cursor',
      bar: isLarge ? bar(0.2) : null,
      requests: ids.map((id) => get(`?page[after]=${cursor(id)}`)),
    },
    {
      name: 'cursor page, first rows',
      bar: null,
      requests: [1, 2, 3, 4, 5].map((id) => get(`?page[after]=${cursor(id)}`)),
    },
    {
      name: 'cursor page, at nine tenths',
      bar: null,
      requests: [1, 2, 3, 4, 5].map((id) => get(`?page[after]=${cursor(Math.floor(users * 0.9) + id)}`)),
    },
    {
      name: 'page number at nine tenths',
      bar: null,
      maxP50Ms: 50,
      connections: 1,
      goesOn: true,
      requests: Array.from({ length: Math.ceil(lastPage / 10) }, (_, i) =>
        get(`?page[number]=${Math.ceil(lastPage * 0.9) - i}`),
      ),
    },
    {
      name: 'contains, one of the names',
      bar: null,
      maxP50Ms: 20,
      connections: 1,
      goesOn: true,
      requests: partsOfNames().map((part) => get(`?filter[last_name][contains]=${part}`)),
    },
    {
      name: 'search in names and email',
      bar: null,
      maxP50Ms: 20,
      connections: 1,
      goesOn: true,
      requests: ids.map((id) => get(`?filter[query]=son${id}`)),
    },
    {
      name: 'PATCH, durable',
      bar: bar(0.08, 0.03),
      work: 'commit',
      connections: 64,
      // A PATCH that changes nothing is not written, so each round over the users sets other values than the one before, and so
      // does each run on an existing database.
      goesOn: true,
      requests: [0, 1].flatMap((turn) =>
        ids.slice(0, users).map((id, i) => {
          const attributes = {
            first_name: `Given${(i + 500 * turn + shiftOfThisRun) % 1000}`,
            time_zone: (i + turn) % 2 ? 'Europe/Zagreb' : 'Europe/Berlin',
          };
          const body = JSON.stringify({ data: { type: 'users', attributes } });
          return request('PATCH', `/api/v2/users/${id}`, token, { body });
        }),
      ),
    },
    {
      name: 'sign-in, by hashes of argon2',
      bar: 0.9,
      work: 'hash',
      goesOn: true,
      connections: 8,
      requests: Array.from({ length: 20_000 }, (_, i) => signInRequest(emailOf(i), password, addressOf(i))),
    },
  ];
}

/** What clients ask after a sign-in: the caller's organizations, and who the caller is in each of them. */
function signingIn(memberships: number): Row {
  const path =
    '/api/v2/organization_memberships?include=person,organization&fields[organization_memberships]=person' +
    '&fields[people]=first_name,last_name,email';
  return {
    name: `own ${memberships} memberships with include`,
    bar: null,
    shareOf: { row: firstPage, atLeast: 1 / 3 },
    requests: callerTokens(memberships).map((token) => request('GET', path, token)),
  };
}

/** Texts that occur in about a thousandth of the last names (see fill.ts), although their beginning occurs in all. */
function partsOfNames(): string[] {
  const numbers = Array.from({ length: 877 }, (_, i) => 100 + ((i * 37) % 877));
  return numbers.flatMap((number) => ['Last', 'ast', 'st', 't'].map((part) => `${part}${number}`));
}

/** Makes the cursors that the service would return for a page after a given id. */
async function cursorMaker(environment: Readonly<Record<string, string>>): Promise<(id: number) => string> {
  const config = readConfig({}, environment);
  const store = await openStore(config);
  const cursorHmac = keyedHash((await store.read.secrets.find('cursors'))!);
  await store.close();
  const query = readCollectionQuery('page[after]=', definition, {
    zone: zone('UTC'),
    limits: config,
    cursorHmac,
    resources: new Map(),
  });
  return (id) => query.cursorAfter([id]);
}
