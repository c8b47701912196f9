// The physical limit: a server of node:http only, which answers every request with the same document; on demand, after
// hashing a password, or when a page is on disk.

import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { passwordHasher } from '../src/security/passwords.ts';

/** What the baseline does for each request besides the answer. */
export type Work = 'nothing' | 'hash' | 'commit';

const body = readFileSync(process.argv[2]!);
const work = process.argv[3] as Work;
const headers = { 'Content-Type': 'application/vnd.api+json; charset=utf-8', 'Content-Length': body.length };

const passwords = passwordHasher(1000);

/**
 * Appends a page to a file for each request. Requests of one turn of the event loop share an fsync, as the fastest database
 * would do.
 */
function commits(file: string): () => Promise<void> {
  const page = Buffer.alloc(4096, 1);
  const descriptor = openSync(file, 'w');
  process.on('exit', () => {
    closeSync(descriptor);
    rmSync(file);
  });
  let waiting: (() => void)[] = [];
  let bytes = 0;
  const sync = () => {
    const committed = waiting;
    waiting = [];
    // A log of a bounded size, as SQLite's: it is written from the beginning again.
    if (bytes > 32 * 1024 * 1024) bytes = 0;
    bytes += writeSync(descriptor, Buffer.concat(committed.map(() => page)), 0, null, bytes);
    fdatasyncSync(descriptor);
    for (const resolve of committed) resolve();
  };
  return () =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(sync);
      waiting.push(resolve);
    });
}

const works: Record<Work, () => Promise<unknown> | undefined> = {
  nothing: () => undefined,
  hash: () => passwords.run('signed_in', (hashing) => hashing.hash('bench password 1')),
  commit: work === 'commit' ? commits(`${process.argv[2]}.log`) : () => undefined,
};

const server = createServer(async (request, response) => {
  request.resume();
  await works[work]();
  response.writeHead(200, headers);
  response.end(body);
});
process.on('SIGTERM', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
