// Every setting: where it comes from, its unit, its default and its sentence. `--help` and the reference are written
// from this table, and a value that does not fit stops the start with the name of the setting.

import { isZoneName } from './model/zone.ts';
import { maxPasswordLength } from './security/password-policy.ts';
import { minTokenLength } from './security/tokens.ts';
import {
  type AddressRange,
  addressRanges,
  boolean,
  choice,
  hosts,
  integer,
  origins,
  type Setting,
  secret,
  text,
} from './setting.ts';
import { mistakeInUrl, postgresUrlForm } from './store/postgres/url.ts';

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
    'Trusted reverse proxies: addresses, ranges and loopback. Behind them the address of a client comes from X-Forwarded-For.',
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
