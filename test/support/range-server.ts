// A range server for breached passwords, as Have I Been Pwned runs one.

import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export const sha1 = (password: string) => hash('sha1', password, 'hex').toUpperCase();

type Answer = (response: ServerResponse) => void;

export interface RangeServer {
  readonly url: string;
  /** Every request so far, with its whole header. */
  readonly requests: readonly IncomingMessage[];
  /** Answers differently from now on; null to answer as usual. */
  answer(other: Answer | null): void;
  /** Resolves when this many requests have arrived. */
  asked(count: number): Promise<void>;
}

/** @param passwords those that have appeared in a breach */
export async function rangeServer(t: TestContext, passwords: readonly string[]): Promise<RangeServer> {
  const hashes = passwords.map(sha1);
  const requests: IncomingMessage[] = [];
  let other: Answer | null = null;
  const server = createServer((request, response) => {
    requests.push(request);
    server.emit('asked');
    if (other !== null) return other(response);
    const prefix = /^\/range\/([\dA-F]{5})\?mode=sha1$/.exec(request.url!)?.[1];
    if (prefix === undefined) return void response.writeHead(400).end('The hash prefix was not valid');
    const found = hashes.filter((one) => one.startsWith(prefix)).map((one) => `${one.slice(5)}:3`);
    // Padding has a count of 0, and may be the hash that is looked for.
    const padding = [sha1('some padding').slice(5), sha1('padded password').slice(5)];
    response.end([...found, ...padding.map((rest) => `${rest}:0`)].join('\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(next) {
      other = next;
    },
    async asked(count) {
      while (requests.length < count) await once(server, 'asked');
    },
  };
}
