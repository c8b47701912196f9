// A round-robin load balancer for tests: several servers behind one address.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * @param urls URLs of the servers; may be filled until the first connection
 * @returns the URL of the balancer
 */
export async function oneAddress(t: TestContext, urls: readonly string[]): Promise<string> {
  let turn = 0;
  const balancer = createServer({ allowHalfOpen: true }, (client) => {
    const { hostname, port } = new URL(urls[turn++ % urls.length]!);
    const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    client.pipe(server).pipe(client);
    // Delivers what the server sent, also if it closes the connection early.
    client.on('error', () => server.destroy());
    server.on('error', () => client.end());
    server.on('close', () => client.end());
  });
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  t.after(() => void balancer.close());
  return `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`;
}
