import type { Config } from '../config.ts';

/**
 * The settings of a command that reads or writes a whole database: without replicas, which may lag; and with a long timeout,
 * because counting many rows takes longer than a request.
 */
export function onlyItself(config: Config): Config {
  const longMs = 30 * 60_000;
  return {
    ...config,
    databaseReplicaUrls: [],
    databaseTimeoutMs: Math.max(config.databaseTimeoutMs, longMs),
    statementTimeoutMs: Math.max(config.statementTimeoutMs, longMs),
  };
}
