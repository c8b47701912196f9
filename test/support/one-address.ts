// Several servers behind one address, as behind a load balancer: each connection goes to the next of them.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * @param urls of the servers, which may be filled in until the first connection
 * @returns the address, as a URL
 */
export async function oneAddress(t: TestContext, urls: readonly string[]): Promise<string> {
  let turn = 0;
  const balancer = createServer({ allowHalfOpen: true }, (client) => {
    const { hostname, port } = new URL(urls[turn++ % urls.length]!);
    const server = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    client.pipe(server).pipe(client);
    // What has been answered arrives, also where the server breaks off.
    client.on('error', () => server.destroy());
    server.on('error', () => client.end());
    server.on('close', () => client.end());
  });
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  t.after(() => void balancer.close());
  return `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`;
}
