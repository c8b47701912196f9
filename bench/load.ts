// The load generator, a process of its own. It keeps a fixed number of connections busy, with one request at a time on
// each, and reports rate, latency and statuses. It uses raw sockets, because an HTTP client takes as much CPU as a server.

import { connect, type Socket } from 'node:net';

export interface LoadOrder {
  readonly port: number;
  /** Complete requests as text. The connections take them round robin. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Sleep while waiting, instead of spinning (see below). */
  readonly sleeps?: boolean;
  /** How many requests are sent together on a connection. More take less CPU of the load generator. */
  readonly pipelined?: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Number of responses by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

const bucketsPerMs = 50;
const buckets = new Uint32Array(bucketsPerMs * 10_000);

async function load({
  port,
  requests,
  connections,
  seconds,
  sleeps = false,
  pipelined = 1,
}: LoadOrder): Promise<LoadResult> {
  buckets.fill(0);
  const statuses: Record<string, number> = {};
  const wires = requests.map((request) => Buffer.from(request));
  let next = 0;
  let count = 0;
  let maxMs = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  // Spins instead of sleeping: waking an idle core takes longer than a server's write, and would slow down only the slower
  // one of two servers.
  let spinning = !sleeps;
  const spin = () => {
    if (spinning) setImmediate(spin);
  };
  spin();
  await Promise.all(Array.from({ length: connections }, () => converse()));
  spinning = false;
  const elapsed = (performance.now() - start) / 1000;
  return { requestsPerSecond: count / elapsed, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs, statuses };

  function converse(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect(port, '127.0.0.1');
      socket.setNoDelay(true);
      let sentAt = 0;
      let pending: Buffer | null = null;
      let awaited = 0;
      const send = () => {
        sentAt = performance.now();
        awaited = pipelined;
        const together = Array.from({ length: pipelined }, () => wires[next++ % wires.length]!);
        socket.write(pipelined === 1 ? together[0]! : Buffer.concat(together));
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.on('data', (chunk: Buffer) => {
        pending = pending === null ? chunk : Buffer.concat([pending, chunk]);
        while (pending !== null) {
          const length = answerLength(pending);
          if (length === null || pending.length < length) return;
          const status = pending.toString('latin1', 9, 12);
          statuses[status] = (statuses[status] ?? 0) + 1;
          pending = pending.length === length ? null : pending.subarray(length);
          const elapsed = performance.now() - sentAt;
          maxMs = Math.max(maxMs, elapsed);
          buckets[Math.min(Math.floor(elapsed * bucketsPerMs), buckets.length - 1)]!++;
          count++;
          awaited--;
        }
        if (awaited > 0) return;
        if (performance.now() < end) send();
        else socket.end();
      });
    });
  }

  function quantile(q: number): number {
    let left = count * q;
    for (let i = 0; i < buckets.length; i++) {
      left -= buckets[i]!;
      if (left <= 0) return (i + 1) / bucketsPerMs;
    }
    return Number.POSITIVE_INFINITY;
  }
}

/** The length of the first response in bytes; null if its header is not complete yet. */
function answerLength(bytes: Buffer): number | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const match = /\r\ncontent-length: (\d+)/i.exec(head);
  return headEnd + 4 + (match === null ? 0 : Number(match[1]));
}

process.on('message', async (order: LoadOrder) => {
  process.send!(await load(order));
});
