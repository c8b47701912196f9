// What `muster check` finds in a PostgreSQL database.

import { type Config, givenName } from '../../config.ts';
import { inspectPostgres } from '../../store/postgres/inspect.ts';
import { nobodyAdministersText } from '../accounts/administration.ts';
import { type Finding, versionFindings } from './findings.ts';

export async function postgresFindings(config: Config): Promise<Finding[]> {
  const { databaseUrl, databaseConnectTimeoutMs, databasePool, workers } = config;
  const { problems, durabilityWarnings, migrations, isUnadministered, sharedMailboxes, maxConnections } =
    await inspectPostgres(databaseUrl, databaseConnectTimeoutMs);
  const subject = withoutSecrets(databaseUrl);
  const errors = [...problems];
  const warnings = [...durabilityWarnings, ...sharedMailboxes];
  const isEmpty = problems.length === 0 && migrations.length === 0;
  if (isEmpty) errors.push('contains no tables of Muster; `muster serve` creates them');
  if (isUnadministered) warnings.push(nobodyAdministersText);
  const wanted = databasePool * workers;
  if (wanted > maxConnections)
    warnings.push(
      `allows ${maxConnections} connections, but ${givenName(config, 'databasePool')} needs ${wanted} for all workers`,
    );
  return [
    ...errors.map((finding) => ({ level: 'error', subject, finding }) as const),
    ...(migrations.length === 0 ? [] : versionFindings(subject, migrations)),
    ...warnings.map((finding) => ({ level: 'warning', subject, finding }) as const),
  ];
}

/** The URL of a database without its password. */
export function withoutSecrets(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'MUSTER_DATABASE_URL';
  const url = new URL(databaseUrl);
  url.password = '';
  // The query may contain a password, too.
  url.search = '';
  return url.href;
}
