import type { Config } from '../config.ts';

/** Where browsers reach the service: the public URL, else the address on which a service with these settings listens. */
export function serviceAddress({
  publicUrl,
  host,
  port,
}: Pick<Config, 'publicUrl' | 'host' | 'port'>): string {
  return publicUrl || `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
