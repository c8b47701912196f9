// Two instances on one database, and requests during whose body something happens.

import type { TestContext } from 'node:test';
import type { Config } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { eachOnTables, tablesOf } from './database-rows.ts';
import { clearedConfig, type EngineName } from './engines.ts';
import { headerText, openSocket, readAnswer } from './raw-socket.ts';
import { type Answer, mediaType, serveStore, type TestApp } from './start-app.ts';

export interface Instances {
  readonly one: TestApp;
  /** Another instance on the same database. */
  readonly other: TestApp;
  /** Resolves when the first instance has looked up a token for the next time. */
  authenticated(): Promise<void>;
  /** All rows of all tables. */
  rows(): Promise<unknown>;
}

export async function startInstances(t: TestContext, engine: EngineName): Promise<Instances> {
  const config: Config = { ...(await clearedConfig(t, engine)), workers: 2 };
  const stores = [await openStore(config), await openStore(config)] as const;
  for (const store of stores) t.after(() => store.close());
  let waiting: (() => void)[] = [];
  const watched: (typeof stores)[0] = {
    ...stores[0],
    async authenticate(...asked) {
      const answer = await stores[0].authenticate(...asked);
      for (const resolve of waiting) resolve();
      waiting = [];
      return answer;
    },
  };
  // Counts of mails are rows too.
  const settings = { mailsPerAddress: '0', mailsPerClient: '0' };
  const surroundings = { clock: { now: Date.parse('2026-03-17T04:04:00.843Z') }, log: [] };
  return {
    one: await serveStore(t, watched, settings, surroundings),
    other: await serveStore(t, stores[1], settings, surroundings),
    authenticated: () => new Promise((resolve) => void waiting.push(resolve)),
    async rows() {
      const tables = await tablesOf(config);
      const contents = await eachOnTables(
        config,
        tables.map((table) => `SELECT * FROM ${table}`),
      );
      return contents.map((rows, i) => [tables[i], ...rows.map((row) => JSON.stringify(row)).sort()]);
    },
  };
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends the header and half of the body, runs `meanwhile` as soon as the caller is authenticated, then sends the
 * rest.
 */
export async function sendAround(
  t: TestContext,
  { one, authenticated }: Instances,
  { method, path, token, body, headers = {} }: Sent,
  meanwhile: () => Promise<unknown>,
): Promise<Answer> {
  const text = JSON.stringify(body);
  const connection = await openSocket(t, one.url);
  const known = authenticated();
  const head = headerText(
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    `X-Auth-Token: ${token}`,
    `Content-Type: ${mediaType}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  );
  connection.socket.write(head + text.slice(0, text.length / 2));
  await known;
  // When another request gets its response, the caller is authenticated.
  await one.request('GET', '/health/live');
  await meanwhile();
  connection.socket.write(text.slice(text.length / 2));
  const answer = readAnswer(await connection.closed);
  return { ...answer, body: answer.text === '' ? undefined : JSON.parse(answer.text) };
}
