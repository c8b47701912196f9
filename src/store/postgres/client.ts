// Connects to one PostgreSQL server, as its URL says, and implements `sslmode`
// (postgresql.org/docs/current/libpq-ssl.html).

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { reasonOf } from '../errors.ts';
import { isSslMode, type PostgresUrl, readPostgresUrl, type SslMode, sslModes } from './url.ts';

export interface PostgresAddress {
  /** The connect timeout in the URL. It takes precedence over the caller's. */
  readonly connectTimeoutMs: number | undefined;
  /**
   * A client that connects in the way (plain or TLS) that worked last. If it fails because of TLS, the next client
   * tries the other way.
   */
  readonly Client: typeof pg.Client;
  /**
   * Connects in any way that the URL allows.
   * @throws Error with a reason for people
   */
  connect(options: pg.ClientConfig): Promise<pg.Client>;
}

type Callback = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** False: plain text. Else TLS with these options. */
type Way = false | ConnectionOptions;

/** One address for each URL, so that pools reuse the way that worked at the start. */
const addresses = new Map<string, PostgresAddress>();

/** @throws Error if the URL or a file that it names cannot be read */
export function postgresAddress(url: string): PostgresAddress {
  let address = addresses.get(url);
  if (address === undefined) {
    const read = readPostgresUrl(url);
    if (typeof read === 'string') throw new Error(`the URL ${read}`);
    address = addressOf(read);
    addresses.set(url, address);
  }
  return address;
}

function addressOf(url: PostgresUrl): PostgresAddress {
  const { host, port, user, password, database, options, applicationName, connectTimeoutMs } = url;
  const { keepAlive = true, keepAliveIdleMs, channelBinding = 'disable' } = url;
  const mode = sslModeOf(url);
  const ways = waysOf(mode, url);
  let current = 0;

  class Client extends pg.Client {
    readonly #way = current;

    constructor(options?: pg.ClientConfig) {
      // The pool does not pass on the password: it makes that property of its options non-enumerable.
      super({
        ...options,
        ...config,
        ssl: ways[current] as pg.ClientConfig['ssl'],
        enableChannelBinding: channelBinding !== 'disable' && ways[current] !== false,
      } as pg.ClientConfig);
      if (channelBinding === 'require') requireChannelBinding(this.connection);
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: Callback): void;
    override connect(callback?: Callback): Promise<pg.Client> | undefined {
      const connected = super.connect().catch((error) => {
        if (this.#way === current && isAboutTls(error)) current = (current + 1) % ways.length;
        throw error;
      });
      if (callback === undefined) return connected;
      connected.then((client) => callback(null as never, client), callback as (error: Error) => void);
      return undefined;
    }
  }

  const config = {
    application_name: applicationName ?? 'muster',
    keepAlive,
    ...(keepAliveIdleMs !== undefined && { keepAliveInitialDelayMillis: keepAliveIdleMs }),
    ...(connectTimeoutMs !== undefined && { connectionTimeoutMillis: connectTimeoutMs }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ...(options !== undefined && { options }),
  };
  return {
    connectTimeoutMs,
    Client,
    async connect(more) {
      for (let left = ways.length - 1; ; left--) {
        const client = new Client(more);
        client.on('error', () => {});
        try {
          await client.connect();
          return client;
        } catch (error) {
          await client.end().catch(() => {});
          if (left === 0 || !isAboutTls(error)) throw explained(error as Error, mode, !client.password);
        }
      }
    },
  };
}

const notBound =
  'channel_binding=require needs SCRAM over TLS (SCRAM-SHA-256-PLUS), which the server does not offer. Store the password with scram-sha-256, and connect without a proxy that ends TLS';

/**
 * Closes the connection if the server does not prove by SCRAM, bound to the TLS channel, that it owns the certificate
 * of this connection (RFC 5802 section 6). No part of the password is sent before.
 */
function requireChannelBinding(connection: pg.Connection): void {
  const refuse = () => {
    // Synchronously: the next message in the same chunk may say that the session is ready. Anything the driver still
    // sends is discarded.
    connection.emit('error', new Error(notBound));
    connection.stream.destroy();
  };
  let isBound = false;
  connection
    .on('authenticationCleartextPassword', refuse)
    .on('authenticationMD5Password', refuse)
    .on('authenticationSASL', ({ mechanisms }: { mechanisms: readonly string[] }) => {
      if (!mechanisms.includes('SCRAM-SHA-256-PLUS')) refuse();
    })
    .on('authenticationSASLFinal', () => {
      isBound = true;
    })
    .on('authenticationOk', () => {
      if (!isBound) refuse();
    });
}

function sslModeOf({ sslmode }: PostgresUrl): SslMode {
  const ofEnvironment = process.env.PGSSLMODE || 'disable';
  if (sslmode !== undefined) return sslmode;
  if (isSslMode(ofEnvironment)) return ofEnvironment;
  throw new Error(`PGSSLMODE is ${JSON.stringify(ofEnvironment)}, it must be one of ${sslModes.join(', ')}`);
}

function waysOf(mode: SslMode, { sslrootcert, sslcert, sslkey }: PostgresUrl): readonly Way[] {
  if (mode === 'disable') return [false];
  const own = {
    ...(sslcert !== undefined && { cert: file('sslcert', sslcert) }),
    ...(sslkey !== undefined && { key: file('sslkey', sslkey) }),
  };
  const ca = certificatesOf(sslrootcert || process.env.PGSSLROOTCERT);
  const unverified = { ...own, rejectUnauthorized: false };
  const anyName = { checkServerIdentity: () => undefined };
  switch (mode) {
    case 'allow':
      return [false, unverified];
    case 'prefer':
      return [unverified, false];
    case 'require':
      // With a root certificate, `require` means verify-ca, as in libpq.
      return [ca === undefined ? unverified : { ...own, ca, ...anyName }];
    case 'verify-ca':
      if (ca === undefined)
        throw new Error(
          'sslmode=verify-ca needs sslrootcert=FILE, the certificate of the authority to trust',
        );
      return [{ ...own, ca, ...anyName }];
    case 'verify-full':
      // Without a root certificate, the authorities that Node trusts are used.
      return [{ ...own, ...(ca !== undefined && { ca }) }];
  }
}

/** The default of libpq. */
const defaultRoot = join(homedir(), '.postgresql/root.crt');

function certificatesOf(sslrootcert: string | undefined): string | undefined {
  if (sslrootcert === 'system') return undefined;
  if (sslrootcert !== undefined) return file('sslrootcert', sslrootcert);
  return existsSync(defaultRoot) ? file('sslrootcert', defaultRoot) : undefined;
}

function file(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`the file of ${parameter} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

const noTls = /^The server does not support SSL connections/;
const certificateCodes = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/;

/** Whether to try the other way: the server has no TLS, TLS fails, or it rejects this way (SQLSTATE 28000). */
function isAboutTls(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return (
    code === '28000' ||
    /^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code) ||
    certificateCodes.test(code) ||
    noTls.test(message) ||
    message.startsWith('There was an error establishing an SSL connection')
  );
}

/** Adds what to do to errors of the driver that do not say it. */
function explained(error: Error & { code?: string }, mode: SslMode, hasNoPassword: boolean): Error {
  const reason = reasonOf(error);
  const hint = noTls.test(reason)
    ? `sslmode=${mode} requires TLS, but the server does not support it`
    : certificateCodes.test(error.code ?? '')
      ? `the server's certificate was rejected (${reason}): set sslrootcert=FILE to the certificate of the authority to trust; with sslmode=verify-full the certificate must be for the host in the URL`
      : hasNoPassword && (error.code === '28P01' || reason.includes('client password must be'))
        ? 'the server requires a password and the URL has none: add it to the URL, or set PGPASSWORD or ~/.pgpass'
        : error.code === '28000' && mode === 'disable' && /no encryption|SSL off/.test(reason)
          ? `${reason}: the server may require TLS; add ?sslmode=require or, better, ?sslmode=verify-full to the URL`
          : undefined;
  return hint === undefined ? error : Object.assign(new Error(hint, { cause: error }), { code: error.code });
}
