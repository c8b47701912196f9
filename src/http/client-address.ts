// The address of the client, for the log and for rate limits. No other file reads X-Forwarded-For.

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { AddressRange } from '../setting.ts';

/** @returns an IPv4 or IPv6 address; `unknown` if the connection is already closed */
export type ClientAddress = (request: IncomingMessage) => string;

declare module 'node:net' {
  interface Socket {
    /** The remote address, computed at the first request of the connection. */
    peer?: { readonly address: string; readonly isTrusted: boolean };
  }
}

/**
 * The address of the connection. If that is a trusted proxy: the right-most address of X-Forwarded-For that is not a
 * trusted proxy, because each proxy appends the address it received the request from. Clients can forge everything to
 * the left of it. An entry that is not an address ends the search, and the last proxy before it counts.
 */
export function clientAddresses(trusted: readonly AddressRange[]): ClientAddress {
  const proxies = new BlockList();
  for (const { address, prefix, family } of trusted) proxies.addSubnet(address, prefix, family);
  const isTrusted = (address: string) =>
    trusted.length > 0 && proxies.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

  return ({ socket, headers }) => {
    socket.peer ??= peerOf(socket.remoteAddress, isTrusted);
    const { peer } = socket;
    const forwarded = headers['x-forwarded-for'];
    if (!peer.isTrusted || forwarded === undefined) return peer.address;
    let last = peer.address;
    // Node joins several headers with commas.
    const hops = String(forwarded).split(',');
    for (const hop of hops.reverse()) {
      const address = readAddress(hop.trim());
      if (address === null) return last;
      if (!isTrusted(address)) return address;
      last = address;
    }
    return last;
  };
}

function peerOf(remote: string | undefined, isTrusted: (address: string) => boolean) {
  const address = remote === undefined ? null : readAddress(remote);
  return address === null
    ? { address: 'unknown', isTrusted: false }
    : { address, isTrusted: isTrusted(address) };
}

const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/;
const withPort = /^([\d.]+):\d{1,5}$/;
const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/** The canonical address: no port, brackets or zone, IPv4-mapped IPv6 as IPv4. Null if it is not an address. */
function readAddress(text: string): string | null {
  const address = (bracketed.exec(text) ?? withPort.exec(text))?.[1] ?? text;
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : null;
  const plain = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const match = mapped.exec(plain);
  if (match === null) return plain;
  const [high, low] = [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
