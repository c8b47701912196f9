// Where a request comes from: the one place that reads X-Forwarded-For, for the log and for limits.

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { AddressRange } from '../setting.ts';

/** @returns an IPv4 or IPv6 address, `unknown` where the connection is gone already */
export type ClientAddress = (request: IncomingMessage) => string;

declare module 'node:net' {
  interface Socket {
    /** The other end, and whether it is a trusted proxy. */
    peer?: { readonly address: string; readonly isTrusted: boolean };
  }
}

/**
 * The address of the connection. Where that is a trusted proxy, the right-most address of X-Forwarded-For that is not
 * one: each proxy writes whom it heard behind what it was sent. What is left of that address is the client's own word.
 * What is no address ends the search: the last proxy before it counts.
 */
export function clientAddresses(trusted: readonly AddressRange[]): ClientAddress {
  const proxies = new BlockList();
  for (const { address, prefix, family } of trusted) proxies.addSubnet(address, prefix, family);
  const isTrusted = (address: string) =>
    trusted.length > 0 && proxies.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

  return ({ socket, headers }) => {
    socket.peer ??= peerOf(socket.remoteAddress, isTrusted);
    const { peer } = socket;
    if (!peer.isTrusted) return peer.address;
    let last = peer.address;
    // Node joins the fields of several headers by commas.
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
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

/** In one form for each address: without port, brackets and zone, IPv4 within IPv6 as IPv4. Null for what is none. */
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

/** What counts as one client: an IPv4 address, and the 64 bits that a network of IPv6 hands to one customer. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::') as [string, string?];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
