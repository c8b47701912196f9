// Measures one row: the yardstick and the service in turn, several rounds. Reports medians.

import type { LoadResult } from './load.ts';
import type { LoadGenerator, RunningServer } from './servers.ts';
import type { Work } from './yardstick.ts';

export interface Row {
  readonly name: string;
  /** The lowest accepted ratio of requests per second to the yardstick's; null if the row has no requirement. */
  readonly bar: number | null;
  /** Requires this share of the ratio of another row of the same run, instead of a `bar`. */
  readonly shareOf?: { readonly row: string; readonly atLeast: number };
  /** The highest accepted median latency, for rows with one connection. */
  readonly maxP50Ms?: number;
  readonly requests: readonly string[];
  /** Each round continues where the last one ended, so that no request is repeated soon. */
  readonly goesOn?: true;
  readonly connections?: number;
  /** Each request does this work, and so does the baseline: hash a password, or wait for the disk. */
  readonly work?: Work;
}

export interface Measured {
  readonly name: string;
  readonly bar: number | null;
  readonly maxP50Ms: number | null;
  readonly requestsPerSecond: number;
  readonly ratio: number;
  /** CPU time of a request on the yardstick divided by ours. Unlike `ratio`, it does not include the load generator. */
  readonly cpuRatio: number;
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMiB: number;
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Whether the load generator sleeps while waiting. Needed if the database is a process that needs a core, too. */
  readonly sleeps: boolean;
}

export async function measure(
  row: Row,
  yardstick: RunningServer,
  server: RunningServer,
  load: LoadGenerator,
  { rounds, seconds, sleeps }: MeasureOptions,
): Promise<Measured> {
  const { name, bar, requests, connections = 32 } = row;
  let first = 0;
  const one = async (target: RunningServer, length: number) => {
    const before = target.cpuSeconds();
    const hashes = row.work === 'hash';
    const atMost = length * (hashes ? 1000 : 60_000);
    const sent = row.goesOn ? inTurn(requests, first, atMost) : requests;
    const result = await load.run({
      port: target.port,
      requests: sent,
      connections,
      seconds: length,
      // Hashes need a core of their own.
      sleeps: sleeps || hashes,
    });
    const bad = Object.keys(result.statuses).filter((status) => !/^2/.test(status));
    if (bad.length > 0)
      throw new Error(`${name}: not all statuses are 2xx: ${JSON.stringify(result.statuses)}`);
    const count = Object.values(result.statuses).reduce((sum, n) => sum + n, 0);
    if (row.goesOn && target === server) first = (first + count) % requests.length;
    return { ...result, cpu: ((target.cpuSeconds() - before) / count) * 1e6 };
  };
  await one(yardstick, 0.5);
  // Long enough to send each request once.
  await one(server, 3);
  await warmUp(async () => (await one(server, 1)).cpu);
  const length = row.work === 'hash' ? Math.max(seconds, 2) : seconds;
  const limits: (LoadResult & { cpu: number })[] = [];
  const ours: (LoadResult & { cpu: number })[] = [];
  for (let round = 0; round < rounds; round++) {
    limits.push(await one(yardstick, length));
    ours.push(await one(server, length));
  }
  const requestsPerSecond = median(ours.map((r) => r.requestsPerSecond));
  const cpuMicroseconds = median(ours.map((r) => r.cpu));
  return {
    name,
    bar,
    maxP50Ms: row.maxP50Ms ?? null,
    requestsPerSecond,
    ratio: median(ours.map((r, i) => r.requestsPerSecond / limits[i]!.requestsPerSecond)),
    cpuRatio: median(limits.map((r) => r.cpu)) / cpuMicroseconds,
    cpuMicroseconds,
    p50Ms: median(ours.map((r) => r.p50Ms)),
    p99Ms: median(ours.map((r) => r.p99Ms)),
    residentMiB: server.residentMiB(),
  };
}

const maxWarmUps = 20;

/**
 * Until V8 has optimized what a row needs: the CPU time of a request has not become 5 % shorter in the last three runs. The
 * first row after a start needs ten seconds and more on a slow machine, and costs twice as much before.
 */
async function warmUp(run: () => Promise<number>): Promise<void> {
  let shortest = Infinity;
  let since = 0;
  for (let runs = 0; runs < maxWarmUps && since < 3; runs++) {
    const cpu = await run();
    since = cpu < shortest * 0.95 ? 0 : since + 1;
    shortest = Math.min(shortest, cpu);
  }
}

/** `count` requests from `first` on, the first one after the last. A part, because all are sent to the load generator. */
function inTurn(requests: readonly string[], first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => requests[(first + i) % requests.length]!);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** A complete request as text. */
export function request(
  method: string,
  path: string,
  token: string | null,
  extra: { headers?: Record<string, string>; body?: string } = {},
): string {
  const { headers = {}, body } = extra;
  const all: Record<string, string> = {
    Host: '127.0.0.1',
    Accept: 'application/vnd.api+json',
    ...(token !== null && { 'X-Auth-Token': token }),
    ...(body !== undefined && {
      'Content-Type': 'application/vnd.api+json',
      'Content-Length': String(Buffer.byteLength(body)),
    }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** The service stays below it whatever it has been asked, with a database of any size. */
export const maxResidentMiB = 200;

export function isMet({ bar, ratio, maxP50Ms, p50Ms, residentMiB }: Measured): boolean {
  return (
    (bar === null || ratio >= bar) && (maxP50Ms === null || p50Ms <= maxP50Ms) && residentMiB < maxResidentMiB
  );
}
