// Every setting: its name, unit, default and description. `--help` and the settings page are generated from this table.

import { hashSettings } from './hash-settings.ts';
import { mailSettings } from './mail-settings.ts';
import { isZoneName } from './model/zone.ts';
import { maxPasswordLength } from './security/password-policy.ts';
import { sessionProfiles } from './security/session-limits.ts';
import { minTokenLength } from './security/tokens.ts';
import {
  type AddressRange,
  addressRanges,
  boolean,
  choice,
  hosts,
  httpUrl,
  integer,
  optional,
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
  port: integer(3000, '', [0, 65_535], 'Port to listen on; 0 for any free port.'),
  workers: integer(1, 'processes', [1, 64], 'Worker processes that serve the port together.'),
  dataDir: text(
    './data',
    'Folder of the SQLite database. MUSTER_DATABASE_URL takes precedence over the variable, but not over the flag.',
  ),
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
    description:
      'Streaming replicas of the PostgreSQL database, separated by commas. Lists are read from them.',
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
    'Maximum number of connections that one process opens to PostgreSQL, and to each replica.',
  ),
  databaseTimeoutMs: integer(
    10 * second,
    'milliseconds',
    [100, 60 * minute],
    'Time limit for a lock of PostgreSQL, and for a server that does not answer; after it: 503.',
  ),
  statementTimeoutMs: integer(
    10 * second,
    'milliseconds',
    [100, 60 * minute],
    'Time limit for a statement: on SQLite for a read that may take long, on PostgreSQL for each; after it: 503.',
  ),
  longReads: integer(
    4,
    'reads',
    [1, 64],
    'Maximum number of reads that may take long at a time in one process: on SQLite each in a thread, on PostgreSQL on at most half of the connections. More wait, at most eight times as many; above it: 503.',
  ),
  databaseConnectTimeoutMs: integer(
    2 * second,
    'milliseconds',
    [50, 60 * minute],
    'Time limit for a request to get a connection to PostgreSQL; after it: 503.',
  ),
  publicUrl: {
    default: '',
    defaultDescription: 'the Host of the request if it is allowed, else the address of the connection',
    description: 'URL at which clients reach the service. Links in responses begin with it.',
    read: httpUrl,
  },
  allowedHosts: hosts(
    'localhost, 127.0.0.1, [::1] and the address of the connection',
    'Hosts that links in responses may begin with if there is no public URL. For any other Host, links begin with the address of the connection.',
  ),
  trustedProxies: addressRanges(
    'Trusted reverse proxies: addresses, ranges and loopback. If a request comes from one, the address of the client is read from X-Forwarded-For.',
  ),
  timeZone: {
    default: 'UTC',
    description: 'IANA time zone of times in responses and of dates in filters.',
    read: (input: string) => (isZoneName(input) ? { value: input } : 'must be an IANA time zone name'),
  },
  logLevel: choice(
    'info',
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'Lowest level that is logged. Requests are logged at info.',
  ),
  corsOrigins: origins(
    'Web origins that may read responses, separated by commas; CORS is off if there is none.',
  ),

  bootstrapEmail: text('', 'Email of the first account, which the first start creates.', {
    defaultDescription: 'admin@example.com',
  }),
  bootstrapPassword: secret(
    8,
    'Password of the first account. If not set, it is generated and printed once.',
  ),
  bootstrapToken: secret(
    minTokenLength,
    'API token of the first account. If not set, it is generated and printed once.',
  ),
  intercomSecret: secret(
    1,
    'Identity-verification secret for intercom_hash. If not set, one is generated and stored in the database.',
  ),

  ...mailSettings,

  rateLimit: integer(1000, 'requests in 10 seconds', [0, 1e9], 'Rate limit of each token; 0 for no limit.'),
  invalidTokenLimit: integer(
    100,
    'requests in 10 seconds',
    [0, 1e9],
    'Limit of requests with invalid tokens from one address; above it: 429 instead of 401. 0 for no limit.',
  ),
  membersSeeEachOther: boolean(false, 'Whether members of an organization see each other.'),
  confirmEmail: boolean(
    false,
    'Whether people who change their own email address must confirm the new one by a link that is mailed to it.',
  ),
  selfServiceOrganizations: boolean(
    false,
    'Whether every account may create organizations, at most 5. Otherwise only sysadmins with manage_organizations may.',
  ),
  minPasswordLength: integer(
    8,
    'characters',
    [8, maxPasswordLength],
    'Minimum length of a new password. NIST SP 800-63B-4 requires 15 if there is no second factor.',
  ),
  breachedPasswords: {
    default: 'off',
    description:
      'Where new passwords are looked up that have appeared in data breaches: off, hibp (a range server, which learns five digits of a hash), or file:PATH (a download of Pwned Passwords, sorted by SHA-1 hash).',
    read: (input: string) =>
      /^(off|hibp|file:.+)$/.test(input) ? { value: input } : 'must be off, hibp or file:PATH',
  },
  breachedPasswordsUrl: {
    default: 'https://api.pwnedpasswords.com',
    description: 'URL of the range server for breached passwords.',
    read: httpUrl,
  },
  breachedPasswordsTimeoutMs: integer(
    2 * second,
    'milliseconds',
    [50, minute],
    'Time limit for the range server; after it, the password is accepted.',
  ),
  sessionProfile: choice(
    'standard',
    Object.keys(sessionProfiles) as (keyof typeof sessionProfiles)[],
    'How long sign-ins are valid: standard is 30 days without a request and 90 days in all, strict is 1 hour and 12 hours.',
  ),
  sessionIdleMinutes: optional(
    'that of the profile',
    integer(
      0,
      'minutes',
      [5, 5_256_000],
      'How long a sign-in is valid without a request. API tokens have no such limit.',
    ),
  ),
  sessionAbsoluteMinutes: optional(
    'that of the profile',
    integer(
      0,
      'minutes',
      [5, 5_256_000],
      'How long a sign-in is valid in all. A new value is for new sign-ins.',
    ),
  ),
  tokensWithoutPassword: boolean(
    false,
    'Whether callers create API tokens without their password, as with the hosted API. Otherwise they must have signed in within ten minutes, or give it.',
  ),
  eventDays: integer(400, 'days', [0, 36_500], 'How long events of the audit trail are kept; 0 for ever.'),
  ...hashSettings,
  maxPasswordQueue: integer(
    64,
    'requests',
    [0, 10_000],
    'Maximum number of password checks in the queue; above it: 503. Whoever is signed in comes before sign-ins.',
  ),

  maxBodyBytes: integer(1_500_000, 'bytes', [1024, 1e9], 'Largest request body; above it: 413.'),
  maxUrlBytes: integer(8192, 'bytes', [256, 65_536], 'Longest URL; above it: 414.'),
  maxHeaderBytes: integer(
    16_384,
    'bytes',
    [1024, 131_072],
    'Largest request header, all fields together; above it: 431.',
  ),
  maxConnections: integer(
    20_000,
    'connections',
    [1, 1_000_000],
    'Maximum number of connections at a time; more are closed at once.',
  ),
  maxFilters: integer(50, 'filters', [1, 1000], 'Maximum number of filters in one query; above it: 400.'),
  maxFilterDepth: integer(5, 'levels', [1, 20], 'Maximum depth of nested groups of filters; above it: 400.'),
  maxFilterValues: integer(
    200,
    'values',
    [1, 10_000],
    'Maximum number of values in one filter; above it: 400.',
  ),
  maxSearchedTexts: integer(
    10,
    'texts',
    [1, 1000],
    'Maximum number of texts in one query: texts of contains and not_contain, and words of filter[query]; above it: 400.',
  ),
  maxUnindexedTexts: integer(
    10,
    'texts',
    [0, 1000],
    'Maximum number of these texts that may take many records to read: texts of not_contain, and texts of fewer than three characters; above it: 400.',
  ),
  requestTimeoutMs: integer(
    30 * second,
    'milliseconds',
    [100, 60 * minute],
    'Time limit for receiving a request; after it: 408, connection closed.',
  ),
  keepAliveTimeoutMs: integer(
    72 * second,
    'milliseconds',
    [100, 60 * minute],
    'How long an idle connection stays open.',
  ),
  shutdownTimeoutMs: integer(
    10 * second,
    'milliseconds',
    [0, 60 * minute],
    'Time limit for requests in flight when the service stops; after it, their connections are closed.',
  ),
  busyTimeoutMs: integer(
    5 * second,
    'milliseconds',
    [0, 60 * minute],
    'How long a write waits if another process holds the write lock of the SQLite file; after it: 503. Reads do not wait.',
  ),
  maxDatabaseBytes: integer(
    0,
    'bytes',
    [0, 1e15],
    'Largest size of the SQLite database, so that it does not fill the disk; 0 for no limit. Writes above it: 503.',
  ),
  metricsToken: secret(16, 'Token that /metrics requires. If not set, there is no /metrics.'),
  documentCacheBytes: optional(
    'a 32nd of the memory of the machine or its container, shared by the workers; at most 16777216',
    integer(
      16 * mebibyte,
      'bytes',
      [0, 64 * 1024 * mebibyte],
      'Memory for cached JSON of records, of each process.',
    ),
  ),
} satisfies Record<
  string,
  | Setting<string>
  | Setting<number>
  | Setting<number | null>
  | Setting<boolean>
  | Setting<readonly string[]>
  | Setting<readonly AddressRange[]>
>;

export type SettingName = keyof typeof settings;

/** MUSTER_DATA_DIR for `dataDir`. */
export function environmentName(name: string): string {
  return `MUSTER_${words(name).join('_').toUpperCase()}`;
}

/** --data-dir for `dataDir`. */
export function flagName(name: string): string {
  return `--${words(name).join('-')}`;
}

// The unit is a word of its own: requestTimeoutMs is MUSTER_REQUEST_TIMEOUT_MS.
function words(name: string): string[] {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ');
}

export function defaultText(name: SettingName): string {
  const setting: Setting<unknown> = settings[name];
  return setting.defaultDescription ?? (setting.secret ? 'none' : String(setting.default));
}
