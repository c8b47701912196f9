// Reads the URL of a PostgreSQL database as libpq does (postgresql.org/docs/current/libpq-connect.html, Connection
// URIs). For a mistake it returns a sentence that says what to write, and that never shows a secret part of the URL.

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

export type ChannelBinding = 'disable' | 'prefer' | 'require';

/** Parts that are not in the URL are undefined; PGUSER, PGPASSWORD, PGDATABASE and ~/.pgpass may provide them. */
export interface PostgresUrl {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly applicationName?: string;
  readonly options?: string;
  readonly connectTimeoutMs?: number;
  /** False turns TCP keepalive off. */
  readonly keepAlive?: boolean;
  readonly keepAliveIdleMs?: number;
  readonly channelBinding?: ChannelBinding;
  /** `target_session_attrs`: the kind of server to connect to. */
  readonly targetSession?: string;
  readonly sslmode?: SslMode;
  /** Path of a file, or `system`. */
  readonly sslrootcert?: string;
  readonly sslcert?: string;
  readonly sslkey?: string;
}

export const postgresUrlForm = 'postgres://USER:PASSWORD@HOST:PORT/NAME';

const encoding =
  'percent-encode it in the user name and the password: @ is %40, : is %3A, / is %2F, ? is %3F, # is %23, % is %25, a space is %20';
const needsEncoding = (what: string) => `has ${what}: ${encoding}`;

/** The parameters that Muster knows, with their allowed values; null means any text. */
const parameters = {
  host: null,
  port: null,
  user: null,
  password: null,
  dbname: null,
  application_name: null,
  fallback_application_name: null,
  options: null,
  sslmode: null,
  ssl: null,
  sslrootcert: null,
  sslcert: null,
  sslkey: null,
  channel_binding: ['disable', 'prefer', 'require'],
  connect_timeout: 'a whole number',
  keepalives: ['0', '1'],
  keepalives_idle: 'a whole number',
  target_session_attrs: ['any', 'primary', 'read-write', 'standby', 'read-only', 'prefer-standby'],
  // Accepted without effect: these values are what Muster does anyway, or the operating system decides.
  keepalives_interval: 'a whole number',
  keepalives_count: 'a whole number',
  tcp_user_timeout: 'a whole number',
  client_encoding: ['UTF8', 'utf8', 'UTF-8', 'utf-8', 'auto'],
  gssencmode: ['disable', 'prefer'],
  load_balance_hosts: ['disable'],
  sslcompression: ['0'],
  sslnegotiation: ['postgres'],
  sslsni: ['1'],
} as const satisfies Record<string, readonly string[] | 'a whole number' | null>;
type Parameters = Partial<Record<keyof typeof parameters, string>>;

/** @returns the parts of the URL, or a sentence that says what is wrong with it */
export function readPostgresUrl(
  url: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PostgresUrl | string {
  const rest = /^postgres(?:ql)?:\/\/(.*)$/s.exec(url)?.[1];
  if (rest === undefined) return `must be ${postgresUrlForm}`;
  const mistake = unencoded(rest);
  if (mistake !== undefined) return mistake;
  const [, authority, path, query] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest)!;
  const given = readParameters(query ?? '');
  if (typeof given === 'string') return given;

  const [, user, password, place] = /^(?:([^:@]*)(?::([^@]*))?@)?(.*)$/s.exec(authority!)!;
  const [, hosts, portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(place!)!;
  if (place!.includes(',') || given.host?.includes(','))
    return 'names several hosts, but only one is supported: use the primary, or an address that leads to it. Set MUSTER_DATABASE_REPLICA_URLS for streaming replicas';
  const port = given.port ?? portText ?? '';
  if (port !== '' && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    return `has a port that is not a whole number from 1 to 65535. If it is part of the password, ${encoding}`;
  const database = given.dbname ?? decodeURIComponent(path ?? '');
  if (database === '' && !environment.PGDATABASE)
    return `names no database: it must end in /NAME, as in ${postgresUrlForm}`;
  const sslmode = readSslMode(given);
  if (sslmode !== undefined && !isSslMode(sslmode)) return sslmode;
  if (given.channel_binding === 'require' && (sslmode ?? (environment.PGSSLMODE || 'disable')) === 'disable')
    return 'has channel_binding=require, which needs TLS: add sslmode=verify-full, or sslmode=require';
  return {
    ...present({
      host: given.host ?? decodeURIComponent(hosts!.replace(/^\[(.*)\]$/, '$1')),
      user: given.user ?? decodeURIComponent(user ?? ''),
      password: given.password ?? decodeURIComponent(password ?? ''),
      database,
      applicationName: given.application_name || given.fallback_application_name,
      options: given.options,
      sslrootcert: given.sslrootcert,
      sslcert: given.sslcert,
      sslkey: given.sslkey,
    }),
    ...(port !== '' && { port: Number(port) }),
    ...(sslmode !== undefined && { sslmode }),
    ...readConnecting(given),
  };
}

function readConnecting({
  channel_binding,
  connect_timeout,
  keepalives,
  keepalives_idle,
  target_session_attrs,
}: Parameters): Partial<PostgresUrl> {
  // In libpq, 0 means no limit. In Muster, 0 means the limit of its own setting, and the maximum is one hour.
  const seconds = Math.min(Number(connect_timeout ?? 0), 3600);
  return {
    ...(seconds > 0 && { connectTimeoutMs: seconds * 1000 }),
    ...(keepalives === '0' && { keepAlive: false }),
    ...(Number(keepalives_idle ?? 0) > 0 && { keepAliveIdleMs: Number(keepalives_idle) * 1000 }),
    ...(channel_binding !== undefined && { channelBinding: channel_binding as ChannelBinding }),
    ...(target_session_attrs !== undefined && { targetSession: target_session_attrs }),
  };
}

/** The values of target_session_attrs that fit what Muster requires anyway. */
const targets = {
  database: ['any', 'primary', 'read-write'],
  replica: ['any', 'standby', 'read-only', 'prefer-standby'],
} as const;

/** @returns a sentence that says what is wrong with the URL for this kind of server; undefined if it can be used */
export function mistakeInUrl(url: string, server: keyof typeof targets): string | undefined {
  const read = readPostgresUrl(url);
  if (typeof read === 'string') return read;
  const { targetSession = 'any' } = read;
  const fitting: readonly string[] = targets[server];
  if (fitting.includes(targetSession)) return undefined;
  return `has target_session_attrs=${targetSession}, which a ${server} cannot be; it must be one of ${fitting.join(', ')}`;
}

export function isSslMode(text: string): text is SslMode {
  return sslModes.includes(text as SslMode);
}

/** Finds characters that must be percent-encoded. Most come from a password that was pasted unchanged. */
function unencoded(rest: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\s\u0000-\u001f\u007f]/.test(rest)) return needsEncoding('a space or a control character');
  if (/%(?![0-9a-f]{2})/i.test(rest))
    return needsEncoding('a % that is not followed by two hexadecimal digits');
  if (rest.includes('#')) return needsEncoding('a #');
  if ((rest.match(/@/g) ?? []).length > 1) return needsEncoding('more than one @');
  if (/[/?].*@/s.test(rest)) return needsEncoding('a / or ? before the @');
  if (/^[^@]*:[^@]*:[^@]*@/.test(rest)) return needsEncoding('more than one : before the @');
  try {
    if (!decodeURIComponent(rest).includes('\0')) return undefined;
  } catch {
    // Not UTF-8; reported below.
  }
  return 'has percent-encoded bytes that are not UTF-8 text';
}

function readParameters(query: string): Parameters | string {
  const given: Parameters = {};
  for (const pair of query.split('&').filter((text) => text !== '')) {
    const [name, ...rest] = pair.split('=');
    const value = decodeURIComponent(rest.join('='));
    if (!isParameter(name!))
      return `has the parameter ${JSON.stringify(decodeURIComponent(name!))}, which is not supported. Supported are ${Object.keys(parameters).join(', ')}`;
    const values: readonly string[] | 'a whole number' | null = parameters[name];
    const fits = values === 'a whole number' ? /^\d{1,9}$/.test(value) : (values?.includes(value) ?? true);
    if (!fits)
      return `has ${name}=${JSON.stringify(value)}, which is not supported; it must be ${typeof values === 'string' ? values : `one of ${values!.join(', ')}`}`;
    given[name] = value;
  }
  return given;
}

function isParameter(name: string): name is keyof typeof parameters {
  return Object.hasOwn(parameters, name);
}
/** @returns the SSL mode, or a sentence that says what is wrong; undefined if the URL does not mention TLS */
function readSslMode({ sslmode, ssl, sslrootcert, sslcert, sslkey }: Parameters): string | undefined {
  const known = `it must be one of ${sslModes.join(', ')}`;
  // libpq reads `ssl=true`, which other drivers write, as this.
  if (ssl !== undefined && ssl !== 'true')
    return `has ssl=${ssl}, which is not supported. Use sslmode instead; ${known}`;
  const mode = sslmode ?? (ssl === 'true' ? 'require' : sslrootcert === 'system' ? 'verify-full' : undefined);
  if (mode !== undefined && !isSslMode(mode))
    return `has the sslmode ${JSON.stringify(mode)}, which is not supported; ${known}`;
  if (sslrootcert === 'system' && mode !== 'verify-full')
    return 'has sslrootcert=system, which needs sslmode=verify-full';
  if (sslrootcert !== undefined && (mode === undefined || mode === 'disable'))
    return 'has an sslrootcert, but no sslmode that uses it: add sslmode=verify-full';
  if ((sslcert === undefined) !== (sslkey === undefined)) return 'needs both sslcert and sslkey, or neither';
  return mode;
}

function present<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as {
    [K in keyof T]?: string;
  };
}
