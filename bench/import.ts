// Measures `muster users import` with ready hashes, on both engines: the time, the CPU seconds and the largest memory of
// the command, and the longest writes of a service on the same database. Run `node bench/import.ts`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startDatabase } from './databases.ts';
import { fill, token } from './fill.ts';
import { startMuster } from './servers.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    database: { type: 'string', multiple: true, default: ['sqlite', 'postgres'] },
    only: { type: 'string', multiple: true },
  },
});
const rows = Number(options.rows);
const maxSeconds = 120;
const maxWriteMs = 1000;

/** One hash for all, of this service; and one of another system. */
const hashes = [
  '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$Gh9vlT6s8dM8rZxkHkSE7XkQmVFR2uqCkWq0sXQ7v0E',
  '$2y$10$abcdefghijklmnopqrstuuKkXqZ3N7bLwqk8Yw0H6FqGm1v8k8r9e',
];

/** Writes what the process has used to a fourth file, because nothing else may disturb its output. */
const hook = `data:text/javascript,${encodeURIComponent(
  'import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, JSON.stringify(process.resourceUsage())));',
)}`;

interface Step {
  readonly name: string;
  readonly file: string;
  /** Pieces of the file. */
  readonly text: () => Iterable<string>;
  readonly args: readonly string[];
  readonly rows: number;
  /** Exit status: 1 if rows are refused. */
  readonly status: number;
}

const csv = { file: 'people.csv', text: csvText };
/** In this order, on one database. */
const steps: readonly Step[] = [
  { name: 'dry run', ...csv, args: ['--organization', '1', '--dry-run'], rows, status: 0 },
  { name: 'CSV', ...csv, args: ['--organization', '1'], rows, status: 0 },
  { name: 'CSV again', ...csv, args: ['--organization', '1'], rows, status: 0 },
  {
    name: 'refused',
    file: 'refused.csv',
    text: refusedText,
    args: ['--rejects', 'rejects.csv'],
    rows,
    status: 1,
  },
  { name: 'JSON list', file: 'list.json', text: listText, args: [], rows: rows / 10, status: 0 },
];

for (const name of options.database) await measureOn(name as 'sqlite' | 'postgres');

async function measureOn(name: 'sqlite' | 'postgres'): Promise<void> {
  const database = await startDatabase(name);
  try {
    await fill(database.environment, 1000);
    await database.settle();
    console.log(`${name}, ${rows} rows, node ${process.version}`);
    for (const step of steps.filter((one) => options.only?.includes(one.name) ?? true)) {
      const file = join(database.folder, step.file);
      await write(file, step.text());
      const server = await startMuster(database.folder, database.environment);
      const writes = changeUsers(server.port);
      const used = await importFile(file, step, database.environment, database.folder);
      const durations = (await writes.stop()).sort((one, other) => one - other);
      await server.stop();
      const longest = durations.at(-1)!;
      console.log(
        [
          step.name.padEnd(10),
          `${used.seconds.toFixed(1)} s`,
          `${Math.round(step.rows / used.seconds)} rows/s`,
          `${used.cpuSeconds.toFixed(1)} s of CPU`,
          `${used.maxRssMiB} MiB`,
          `other writes: median ${durations[durations.length >> 1]!.toFixed(0)} ms, longest ${longest.toFixed(0)} ms of ${durations.length}`,
        ].join(' · '),
      );
      if (step.name === 'CSV' && used.seconds > maxSeconds) fail(`it took more than ${maxSeconds} s`);
      if (longest > maxWriteMs) fail(`a write of the service took more than ${maxWriteMs} ms`);
    }
  } finally {
    await database.stop();
  }
}

async function write(file: string, pieces: Iterable<string>): Promise<void> {
  const stream = createWriteStream(file);
  for (const piece of pieces) if (!stream.write(piece)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'close');
}

function account(i: number): { email: string; first_name: string; last_name: string; password_hash: string } {
  const [first_name, last_name] = [`First${(i * 7919) % 5003}`, `Last${(i * 104_729) % 30_011}`];
  const email = `${first_name}.${last_name}.${i}@example.com`.toLowerCase();
  return { email, first_name, last_name, password_hash: hashes[i % 2]! };
}

function* csvText(): Generator<string> {
  yield 'email,first_name,last_name,locale,time_zone,newsletter_consent,password_hash\n';
  for (let i = 0; i < rows; i++) {
    const { email, first_name, last_name, password_hash } = account(i);
    yield `${email},${first_name},${last_name},de_DE,Europe/Berlin,${i % 10 === 0},"${password_hash}"\n`;
  }
}

function* refusedText(): Generator<string> {
  yield 'email,first_name,last_name\n';
  for (let i = 0; i < rows; i++) yield `nobody ${i},First,Last\n`;
}

/** On one line, with memberships in three organizations. A tenth of the rows. */
function* listText(): Generator<string> {
  for (let i = 0; i < rows / 10; i++) {
    const { email, ...others } = account(i);
    const memberships = [100, 200, 300].map((from) => {
      const organization_id = from + ((i * 7919) % 50);
      return { organization_id, organization_name: `Organization ${organization_id}` };
    });
    yield `${i === 0 ? '[' : ','}${JSON.stringify({ email: `listed.${email}`, ...others, memberships })}`;
  }
  yield ']';
}

async function importFile(
  file: string,
  { args, status, name }: Step,
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<{ seconds: number; cpuSeconds: number; maxRssMiB: number }> {
  const main = fileURLToPath(new URL('../src/main.js', import.meta.url));
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', hook, main, 'users', 'import', file, ...args], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let usage = '';
  for (const stream of [child.stdout, child.stderr]) stream!.on('data', (text) => (output += text));
  (child.stdio[3] as NodeJS.ReadableStream).on('data', (text) => (usage += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== status) throw new Error(`${name}: exit status ${code}\n${output.slice(-2000)}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(usage) as NodeJS.ResourceUsage;
  return {
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    maxRssMiB: Math.round(maxRSS / 1024),
  };
}

/** Changes users over HTTP, one after another. */
function changeUsers(port: number): { stop(): Promise<number[]> } {
  const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/vnd.api+json' };
  let isOver = false;
  const changed = (async () => {
    const durations: number[] = [];
    for (let i = 0; !isOver; i++) {
      const id = String(2 + (i % 900));
      const body = JSON.stringify({ data: { type: 'users', id, attributes: { first_name: `Given${i}` } } });
      const startedAt = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/api/v2/users/${id}`, {
        method: 'PATCH',
        headers,
        body,
      });
      if (response.status !== 200) throw new Error(`PATCH: ${response.status} ${await response.text()}`);
      await response.arrayBuffer();
      durations.push(performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return durations;
  })();
  // It is awaited when the import has ended.
  changed.catch(() => {});
  return {
    stop() {
      isOver = true;
      return changed;
    },
  };
}

function fail(failure: string): void {
  console.log(`NOT MET: ${failure}`);
  process.exitCode = 1;
}
