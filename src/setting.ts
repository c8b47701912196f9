// The type of a setting, and one function for each kind of setting.

import { isIP, isIPv6 } from 'node:net';

export interface Setting<T> {
  readonly description: string;
  readonly unit?: string;
  readonly default: T;
  /** What the reference and the help show as the default if it is computed. */
  readonly defaultDescription?: string;
  /** The value is never printed. */
  readonly secret?: true;
  /** @returns the value, or what it must be, such as `must be true or false` */
  readonly read: (text: string) => { value: T } | string;
}

type Details<T> = Omit<Setting<T>, 'description' | 'read' | 'default'>;

export function text(fallback: string, description: string, details: Details<string> = {}): Setting<string> {
  return { ...details, default: fallback, description, read: (value) => ({ value }) };
}

export function integer(
  fallback: number,
  unit: string,
  [min, max]: readonly [number, number],
  description: string,
): Setting<number> {
  return {
    default: fallback,
    unit,
    description,
    read(input) {
      const value = /^\d{1,15}$/.test(input) ? Number(input) : -1;
      return value >= min && value <= max ? { value } : `must be a whole number from ${min} to ${max}`;
    },
  };
}

/** The same setting, but null if it is not given. */
export function optional<T>(defaultDescription: string, setting: Setting<T>): Setting<T | null> {
  return { ...setting, default: null, defaultDescription };
}

export function choice<const T extends string>(
  fallback: T,
  values: readonly T[],
  description: string,
): Setting<T> {
  return {
    default: fallback,
    description,
    read: (input) =>
      values.includes(input as T) ? { value: input as T } : `must be one of ${values.join(', ')}`,
  };
}

export function boolean(fallback: boolean, description: string): Setting<boolean> {
  return {
    default: fallback,
    description,
    read: (input) =>
      input === 'true' ? { value: true } : input === 'false' ? { value: false } : 'must be true or false',
  };
}

export function secret(minLength: number, description: string): Setting<string> {
  return {
    default: '',
    description,
    secret: true,
    read: (value) =>
      value.length >= minLength
        ? { value }
        : `must have at least ${minLength} ${minLength === 1 ? 'character' : 'characters'}`,
  };
}

/** An absolute URL for people to follow, as it was given. */
export function webAddress(defaultDescription: string, description: string): Setting<string> {
  return {
    default: '',
    defaultDescription,
    description,
    read: (input) =>
      /^https?:\/\/[^\s]+$/.test(input) && URL.canParse(input)
        ? { value: input }
        : 'must be an absolute http(s) URL',
  };
}

/** @returns the color as `#rrggbb`, in lower case */
export function color(fallback: string, description: string): Setting<string> {
  return {
    default: fallback,
    description,
    read(input) {
      const [, digits = ''] = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(input) ?? [];
      if (digits === '') return 'must be a color such as #1d4ed8';
      const six = digits.length === 6 ? digits : digits.replaceAll(/./g, '$&$&');
      return { value: `#${six.toLowerCase()}` };
    },
  };
}

export function origins(description: string): Setting<readonly string[]> {
  return {
    default: [],
    defaultDescription: 'none',
    description,
    read(input) {
      const list = input
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      const bad = list.find((item) => !URL.canParse(item) || new URL(item).origin !== item);
      return bad === undefined
        ? { value: list }
        : 'must be a comma-separated list of origins, such as https://app.example.com';
    },
  };
}

/** Reads an absolute URL, without a slash at its end. */
export function httpUrl(input: string): { value: string } | string {
  return /^https?:\/\/[^\s?#]+$/.test(input) && URL.canParse(input)
    ? { value: input.replace(/\/+$/, '') }
    : 'must be an absolute http(s) URL';
}

/** Host names and addresses as in a Host header, without a port: lower case, IPv6 in brackets. */
export function hosts(defaultDescription: string, description: string): Setting<readonly string[]> {
  return {
    default: [],
    defaultDescription,
    description,
    read(input) {
      const names = input
        .split(',')
        .map((item) => item.trim().replace(/\.$/, ''))
        .filter((item) => item !== '')
        .map(hostName);
      return names.every((name) => name !== undefined)
        ? { value: names }
        : 'must be a comma-separated list of names and addresses without a port, such as users.example.com';
    },
  };
}

/** The name or address of one machine, without a port. IPv6 has no brackets. */
export function host(defaultDescription: string, description: string): Setting<string> {
  return {
    default: '',
    defaultDescription,
    description,
    read(input) {
      const name = hostName(input.replace(/\.$/, ''));
      return name === undefined
        ? 'must be a name or an address without a port, such as smtp.example.com'
        : { value: name.replace(/^\[(.*)\]$/, '$1') };
    },
  };
}

function hostName(text: string): string | undefined {
  if (/[\s/?#@*\\%]/.test(text)) return undefined;
  const url = `http://${isIPv6(text) ? `[${text}]` : text}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, href } = new URL(url);
  return href === `http://${hostname}/` && !/:80$/.test(url) ? hostname : undefined;
}

/** An address range in CIDR notation. */
export interface AddressRange {
  readonly address: string;
  /** Length of the network prefix in bits. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const loopback: readonly AddressRange[] = [
  { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
  { address: '::1', prefix: 128, family: 'ipv6' },
];

export function addressRanges(description: string): Setting<readonly AddressRange[]> {
  return {
    default: [],
    defaultDescription: 'none',
    description,
    read(input) {
      const items = input
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      const ranges = items.map((item) => (item === 'loopback' ? loopback : addressRange(item)));
      return ranges.every((range) => range !== undefined)
        ? { value: ranges.flat() }
        : 'must be a comma-separated list of addresses, ranges such as 10.0.0.0/8 or fd00::/8, and loopback';
    },
  };
}

/** A single address is a range of one. A prefix of 0 is refused, because it would trust every client. */
function addressRange(text: string): AddressRange | undefined {
  const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const version = isIP(address);
  const length = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? length : Number(bits);
  return version === 0 || prefix < 1 || prefix > length
    ? undefined
    : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
