// Measures by wrk (packaged by Debian and others), so that our own load generator is not the only witness.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface WrkOrder {
  readonly port: number;
  /** All are asked for in turn: their ids are 1 to this number. */
  readonly users: number;
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

/** Whether wrk is installed. */
export function hasWrk(): boolean {
  return spawnSync('wrk', ['--version']).error === undefined;
}

/** Where the next run goes on, by port, so that no user is asked for again soon. */
const asked = new Map<number, number>();

/** The step is a prime, so neighbours in the file of the database are not asked for one after another. */
const script = `
local users, id = tonumber(os.getenv('BENCH_USERS')), tonumber(os.getenv('BENCH_FIRST'))
local rest = ' HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nAccept: application/vnd.api+json\\r\\nX-Auth-Token: ' .. os.getenv('BENCH_TOKEN') .. '\\r\\n\\r\\n'
function request()
  id = (id + 7919) % users
  return 'GET /api/v2/users/' .. (id + 1) .. rest
end
`;

/** @throws Error if a response is not 2xx */
export function wrk({ port, users, token, connections, seconds }: WrkOrder): WrkResult {
  const folder = mkdtempSync(join(tmpdir(), 'muster-wrk-'));
  const file = join(folder, 'request.lua');
  writeFileSync(file, script);
  const first = asked.get(port) ?? 0;
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', file];
  const { stdout } = spawnSync('wrk', [...args, `http://127.0.0.1:${port}`], {
    encoding: 'utf8',
    env: {
      ...process.env,
      BENCH_USERS: String(users),
      BENCH_FIRST: String(first),
      BENCH_TOKEN: token,
    },
  });
  rmSync(folder, { recursive: true });
  const [, sent] = /(\d+) requests in/.exec(stdout) ?? [];
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  const [, time, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  if (rate === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk: ${stdout}`);
  asked.set(port, (first + Number(sent) * 7919) % users);
  return {
    requestsPerSecond: Number(rate),
    p99Ms: Number(time) * { us: 0.001, ms: 1, s: 1000 }[unit as 'us']!,
  };
}
