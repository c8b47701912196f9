// Every setting: where it comes from, its unit, its default and its sentence. `--help` and the reference are written
// from this table, and a value that does not fit stops the start with the name of the setting.

import { isIP, isIPv6 } from 'node:net';
import { isZoneName } from './model/zone.ts';
import { maxPasswordLength } from './security/password-policy.ts';
import { minTokenLength } from './security/tokens.ts';
import { mistakeInUrl, postgresUrlForm } from './store/postgres/url.ts';

interface Setting<T> {
  readonly description: string;
  readonly unit?: string;
  readonly default: T;
  /** How the default reads in documentation, where it is computed. */
  readonly defaultDescription?: string;
  /** Never printed. */
  readonly secret?: true;
  /** @returns the value, or the sentence that says what it must be */
  readonly read: (text: string) => { value: T } | string;
}

type Details<T> = Omit<Setting<T>, 'description' | 'read' | 'default'>;

function text(fallback: string, description: string, details: Details<string> = {}): Setting<string> {
  return { ...details, default: fallback, description, read: (value) => ({ value }) };
}

function integer(
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

function choice<const T extends string>(fallback: T, values: readonly T[], description: string): Setting<T> {
  return {
    default: fallback,
    description,
    read: (input) =>
      values.includes(input as T) ? { value: input as T } : `must be one of ${values.join(', ')}`,
  };
}

function boolean(fallback: boolean, description: string): Setting<boolean> {
  return {
    default: fallback,
    description,
    read: (input) =>
      input === 'true' ? { value: true } : input === 'false' ? { value: false } : 'must be true or false',
  };
}

function secret(minLength: number, description: string): Setting<string> {
  return {
    default: '',
    description,
    secret: true,
    read: (value) => (value.length >= minLength ? { value } : `must have at least ${minLength} characters`),
  };
}

function origins(description: string): Setting<readonly string[]> {
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

/** Names and addresses as a Host header has them, without a port: in small letters, IPv6 in brackets. */
function hosts(defaultDescription: string, description: string): Setting<readonly string[]> {
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

function hostName(text: string): string | undefined {
  if (/[\s/?#@*\\%]/.test(text)) return undefined;
  const url = `http://${isIPv6(text) ? `[${text}]` : text}`;
  if (!URL.canParse(url)) return undefined;
  const { hostname, href } = new URL(url);
  return href === `http://${hostname}/` && !/:80$/.test(url) ? hostname : undefined;
}

/** Addresses that begin with the same bits. */
export interface AddressRange {
  readonly address: string;
  /** How many bits they share. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const loopback: readonly AddressRange[] = [
  { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
  { address: '::1', prefix: 128, family: 'ipv6' },
];

function addressRanges(description: string): Setting<readonly AddressRange[]> {
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

/** An address without bits stands for itself. A range of 0 bits would be everybody, whose word is worth nothing. */
function addressRange(text: string): AddressRange | undefined {
  const [, address = '', bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const version = isIP(address);
  const length = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? length : Number(bits);
  return version === 0 || prefix < 1 || prefix > length
    ? undefined
    : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

const second = 1000;
const minute = 60 * second;
const mebibyte = 1024 * 1024;

export const settings = {
  host: text('127.0.0.1', 'Address to listen on.'),
  port: integer(3000, '', [0, 65_535], 'Port to listen on; 0 takes any free one.'),
  workers: integer(1, 'processes', [1, 64], 'Processes that serve the port together.'),
  dataDir: text('./data', 'Folder of the embedded database.'),
  databaseUrl: {
    default: '',
    defaultDescription: 'sqlite:{dataDir}/muster.db',
    description:
      'Database to use instead of the file in the data folder: sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME.',
    secret: true,
    read(input: string) {
      if (/^sqlite:(\/\/)?./.test(input)) return { value: input };
      if (!/^postgres(ql)?:\/\//.test(input)) return `must be sqlite:PATH or ${postgresUrlForm}`;
      return mistakeInUrl(input, 'database') ?? { value: input };
    },
  },
  databaseReplicaUrls: {
    default: [] as readonly string[],
    defaultDescription: 'none',
    description: 'Streaming replicas of that PostgreSQL, separated by commas: lists are read from them.',
    secret: true,
    read(input: string) {
      const urls = input.split(',').map((url) => url.trim());
      if (!urls.every((url) => /^postgres(ql)?:\/\//.test(url)))
        return `must be a comma-separated list of ${postgresUrlForm}, each of one host; a comma in a password is %2C`;
      const mistakes = urls.map((url) => mistakeInUrl(url, 'replica'));
      return mistakes.find((mistake) => mistake !== undefined) ?? { value: urls };
    },
  },
  databasePool: integer(
    10,
    'connections',
    [2, 1000],
    'Connections to PostgreSQL that one process opens at most.',
  ),
  databaseTimeoutMs: integer(
    10 * second,
    'milliseconds',
    [100, 60 * minute],
    'How long a statement of PostgreSQL may take; above it 503.',
  ),
  databaseConnectTimeoutMs: integer(
    2 * second,
    'milliseconds',
    [50, 60 * minute],
    'How long a request waits for a connection to PostgreSQL; above it 503.',
  ),
  publicUrl: {
    default: '',
    defaultDescription: 'the Host of the request where it is allowed, else the address that was reached',
    description: 'Where clients reach the service; links in answers begin with it.',
    read: (input: string) =>
      /^https?:\/\/[^\s?#]+$/.test(input) && URL.canParse(input)
        ? { value: input.replace(/\/+$/, '') }
        : 'must be an absolute http(s) URL',
  },
  allowedHosts: hosts(
    'localhost, 127.0.0.1, [::1] and the address that was reached',
    'Hosts that links in answers may begin with where there is no public URL; a request for another gets the address that it reached.',
  ),
  trustedProxies: addressRanges(
    'Addresses and ranges of the proxies in front, and loopback: what they write into X-Forwarded-For names the client.',
  ),
  timeZone: {
    default: 'UTC',
    description: 'IANA time zone of the times in answers, and of dates in filters.',
    read: (input: string) => (isZoneName(input) ? { value: input } : 'must be an IANA time zone name'),
  },
  logLevel: choice(
    'info',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'What is logged: from this level up. Requests are logged at info.',
  ),
  corsOrigins: origins('Origins whose browsers may read answers; CORS is off without any.'),

  bootstrapEmail: text('', 'Email of the account that the first start makes.', {
    defaultDescription: 'admin@example.com',
  }),
  bootstrapPassword: secret(8, 'Password of that account; generated and printed once where none is given.'),
  bootstrapToken: secret(
    minTokenLength,
    'API token of that account; generated and printed once where none is given.',
  ),
  intercomSecret: secret(
    1,
    'Identity-verification secret behind intercom_hash; made and kept where none is given.',
  ),

  rateLimit: integer(1000, 'requests in 10 seconds', [0, 1e9], 'Requests that one token may make; 0 is off.'),
  membersSeeEachOther: boolean(false, 'Whether members of an organization see each other.'),
  minPasswordLength: integer(
    8,
    'characters',
    [8, maxPasswordLength],
    'Shortest new password; NIST SP 800-63B-4 asks for 15 where there is no second factor.',
  ),
  maxPasswordQueue: integer(
    64,
    'requests',
    [0, 10_000],
    'Password checks that may wait; what comes above is answered 503.',
  ),

  maxBodyBytes: integer(1_500_000, 'bytes', [1024, 1e9], 'Largest request body; above it 413.'),
  maxUrlBytes: integer(8192, 'bytes', [256, 65_536], 'Longest URL; above it 414.'),
  maxHeaderBytes: integer(16_384, 'bytes', [1024, 131_072], 'Largest request header; above it 431.'),
  maxConnections: integer(
    20_000,
    'connections',
    [1, 1_000_000],
    'Connections at a time; those above are closed.',
  ),
  maxFilters: integer(50, 'filters', [1, 1000], 'Conditions in one query; above it 400.'),
  maxFilterDepth: integer(5, 'levels', [1, 20], 'How deep groups of filters may nest; above it 400.'),
  maxFilterValues: integer(200, 'values', [1, 10_000], 'Values of one filter; above it 400.'),
  maxSearchedTexts: integer(
    10,
    'texts',
    [1, 1000],
    'Texts that one query may look for: of contains and not_contain, and words of query; above it 400.',
  ),
  maxUnindexedTexts: integer(
    10,
    'texts',
    [0, 1000],
    'Those of them that no index has, so that each record is read: texts of fewer than three characters, and of not_contain.',
  ),
  requestTimeoutMs: integer(
    30 * second,
    'milliseconds',
    [100, 60 * minute],
    'Within it a request must have arrived, or its connection is answered 408 and closed.',
  ),
  keepAliveTimeoutMs: integer(
    72 * second,
    'milliseconds',
    [100, 60 * minute],
    'How long an idle connection is kept.',
  ),
  shutdownTimeoutMs: integer(
    10 * second,
    'milliseconds',
    [0, 60 * minute],
    'How long requests in flight may take when the service is told to stop.',
  ),
  busyTimeoutMs: integer(
    5 * second,
    'milliseconds',
    [0, 60 * minute],
    'How long a write waits for another process that writes to the same file; above it 503. Reads do not wait.',
  ),
  maxDatabaseBytes: integer(
    0,
    'bytes',
    [0, 1e15],
    'Size that the embedded database may reach, so that it fills no disk; 0 is off. What does not fit is answered 503.',
  ),
  metricsToken: secret(16, 'Token that /metrics asks for; there are no metrics without one.'),
  documentCacheBytes: integer(
    20 * mebibyte,
    'bytes',
    [0, 64 * 1024 * mebibyte],
    'Memory for renderings of records.',
  ),
} satisfies Record<
  string,
  | Setting<string>
  | Setting<number>
  | Setting<boolean>
  | Setting<readonly string[]>
  | Setting<readonly AddressRange[]>
>;

type Settings = typeof settings;
export type SettingName = keyof Settings;
export type Config = { readonly [N in SettingName]: Settings[N] extends Setting<infer T> ? T : never };

/** `dataDir` is MUSTER_DATA_DIR. */
export function environmentName(name: string): string {
  return `MUSTER_${words(name).join('_').toUpperCase()}`;
}

/** `dataDir` is --data-dir. */
export function flagName(name: string): string {
  return `--${words(name).join('-')}`;
}

// A unit in a name is its own word: requestTimeoutMs is MUSTER_REQUEST_TIMEOUT_MS.
function words(name: string): string[] {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ');
}

export function defaultText(name: SettingName): string {
  const setting: Setting<unknown> = settings[name];
  return setting.defaultDescription ?? (setting.secret ? 'none' : String(setting.default));
}

export class ConfigError extends Error {}

/** Variables that look like settings and are none: most likely a slip of the pen. */
export function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(Object.keys(settings).map(environmentName));
  return Object.keys(environment).filter((name) => name.startsWith('MUSTER_') && !known.has(name));
}

/**
 * Settings out of flags, by setting name, and of the environment; flags win.
 * @throws ConfigError that names each setting that is wrong, never with a secret's value
 */
export function readConfig(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const config: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(settings) as [string, Setting<unknown>][]) {
    const variable = environmentName(name);
    const flag = flags[name];
    const given = flag ?? environment[variable];
    const source = flag === undefined ? variable : flagName(name);
    if (given === undefined || (given === '' && flag === undefined)) {
      config[name] = setting.default;
      continue;
    }
    const read = setting.read(given);
    if (typeof read === 'string')
      problems.push(`${source} ${read}${setting.secret ? '' : `, it is ${JSON.stringify(given)}`}`);
    else config[name] = read.value;
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config as Config;
}
