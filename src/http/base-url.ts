// The URL at which the client reached the service. Links and the Location header begin with it. Computed only if a response
// has links.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from '../config.ts';

/** @returns a URL such as `http://localhost:3000`, without a slash at the end */
export type BaseUrl = (request: IncomingMessage) => string;

const wildcards = ['0.0.0.0', '::'];
const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * With a public URL, every request gets it. Without one, the base is the Host header if it is allowed, else the local
 * address of the connection.
 */
export function baseUrls({ publicUrl, allowedHosts, host }: Config): BaseUrl {
  if (publicUrl !== '') return () => publicUrl;
  const isDefault = allowedHosts.length === 0;
  const allowed = new Set(
    isDefault ? [...loopbackHosts, ...(wildcards.includes(host) ? [] : [asHost(host)])] : allowedHosts,
  );
  return ({ headers, socket }) => {
    const local = asHost(socket.localAddress ?? host);
    const requested = readHost(headers.host ?? '');
    return requested !== null && (allowed.has(requested.name) || (isDefault && requested.name === local))
      ? `http://${requested.name}${requested.port}`
      : `http://${local}${portOf(socket)}`;
  };
}

function portOf({ localPort }: Socket): string {
  return localPort === undefined ? '' : `:${localPort}`;
}

/** The Host header (RFC 9110 section 7.2), restricted to names that DNS allows, and addresses. */
const pattern = /^(\[[\da-f:.]{2,45}\]|[a-z\d_](?:[\w-]|\.(?!\.))*)(?::(\d{0,5}))?$/i;

/** @returns null if the host or the port is not valid. The longest DNS name has 253 characters. */
function readHost(text: string): { name: string; port: string } | null {
  const match = text.length > 260 ? null : pattern.exec(text);
  if (match === null) return null;
  const port = match[2] ?? '';
  if (port === '') return { name: asName(match[1]!), port: '' };
  return Number(port) > 0 && Number(port) <= 65_535
    ? { name: asName(match[1]!), port: `:${Number(port)}` }
    : null;
}

/** Lower case, and without the dot at the end, which stands for the DNS root. */
function asName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  // An IPv6 address can be written in several ways.
  return name.startsWith('[') && URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : name;
}

/** An address in the form that a URL has: IPv6 in brackets. */
function asHost(address: string): string {
  if (!address.includes(':')) return asName(address);
  // An IPv4 connection to an IPv6 socket has an IPv4-mapped address. A link-local address has a zone.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return asName(plain.includes(':') ? `[${plain}]` : plain);
}
