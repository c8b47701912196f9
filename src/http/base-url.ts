// Where the client reached the service: what links and Location begin with. Made only where an answer has links.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from '../config.ts';

/** @returns such as `http://localhost:3000`, without a slash at the end */
export type BaseUrl = (request: IncomingMessage) => string;

const wildcards = ['0.0.0.0', '::'];
const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/** A public URL stands for all requests. Without one the Host counts where it is allowed, else the address reached. */
export function baseUrls({ publicUrl, allowedHosts, host }: Config): BaseUrl {
  if (publicUrl !== '') return () => publicUrl;
  const isDefault = allowedHosts.length === 0;
  const allowed = new Set(
    isDefault ? [...loopbackHosts, ...(wildcards.includes(host) ? [] : [asHost(host)])] : allowedHosts,
  );
  return ({ headers, socket }) => {
    const reached = asHost(socket.localAddress ?? host);
    const asked = readHost(headers.host ?? '');
    return asked !== null && (allowed.has(asked.name) || (isDefault && asked.name === reached))
      ? `http://${asked.name}${asked.port}`
      : `http://${reached}${portOf(socket)}`;
  };
}

function portOf({ localPort }: Socket): string {
  return localPort === undefined ? '' : `:${localPort}`;
}

/** RFC 9110 section 7.2, without what a name in the DNS never has. The longest name is of 253 characters. */
const pattern = /^(\[[\da-f:.]{2,45}\]|[a-z\d_](?:[\w-]|\.(?!\.))*)(?::(\d{0,5}))?$/i;

/** @returns null for what is no host, or no port */
function readHost(text: string): { name: string; port: string } | null {
  const match = text.length > 260 ? null : pattern.exec(text);
  if (match === null) return null;
  const port = match[2] ?? '';
  if (port === '') return { name: asName(match[1]!), port: '' };
  return Number(port) > 0 && Number(port) <= 65_535
    ? { name: asName(match[1]!), port: `:${Number(port)}` }
    : null;
}

/** A full stop at the end of a name is the root of the DNS, and is not part of the name. */
function asName(text: string): string {
  const name = text.toLowerCase().replace(/\.$/, '');
  // IPv6 is written in many ways.
  return name.startsWith('[') && URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : name;
}

/** An address as it stands in a URL. */
function asHost(address: string): string {
  if (!address.includes(':')) return asName(address);
  // What comes over IPv4 to a socket of IPv6, and the zone of a link-local address.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return asName(plain.includes(':') ? `[${plain}]` : plain);
}
