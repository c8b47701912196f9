// The flood of sign-in-flood.ts, a process of its own: wrong sign-ins at a fixed rate, each from another address. It does
// not wait for the answers: a request that finds no free connection is not sent.

import { connect, type Socket } from 'node:net';
import { addressOf, emailOf, signInRequest } from './sign-ins.ts';

export interface FloodOrder {
  readonly port: number;
  readonly perSecond: number;
}

export interface FloodResult {
  readonly sentPerSecond: number;
  /** Number of responses by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** More than requests can wait in the queue of hashes. */
const connections = 300;
const tickMs = 10;

function flood({ port, perSecond }: FloodOrder): () => FloodResult {
  const statuses: Record<string, number> = {};
  const free: Socket[] = [];
  let sent = 0;
  const startedAt = performance.now();
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('connect', () => free.push(socket));
    socket.on('error', () => {});
    // Each answer is short, so it comes in one piece.
    socket.on('data', (chunk: Buffer) => {
      const status = chunk.toString('latin1', 9, 12);
      statuses[status] = (statuses[status] ?? 0) + 1;
      free.push(socket);
    });
    return socket;
  });
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
    for (; sent < due; sent++) {
      const socket = free.shift();
      if (socket === undefined) break;
      // Every second one tries an account that exists.
      const email = sent % 2 ? emailOf(sent >> 1) : `nobody${sent}@example.com`;
      socket.write(signInRequest(email, 'a wrong password', addressOf(sent)));
    }
  }, tickMs);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
    return { sentPerSecond: (sent * 1000) / (performance.now() - startedAt), statuses };
  };
}

let stop: (() => FloodResult) | null = null;
process.on('message', (order: FloodOrder | 'stop') => {
  if (order !== 'stop') stop = flood(order);
  else process.send!(stop!());
});
