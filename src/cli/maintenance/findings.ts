// What `muster check` finds, whatever the engine.

import { refusal } from '../../store/migrations/migrate.ts';
import { knownMigrations } from '../../store/migrations/migrations.ts';

export interface Finding {
  /**
   * An error stops a start or says that data is damaged, a warning is a weak setting, a notice is neither: a healthy
   * service may have some.
   */
  readonly level: 'error' | 'warning' | 'notice';
  readonly subject: string;
  readonly finding: string;
}

/** What is wrong with a database's version: a start refuses a newer one, and migrates an older one. */
export function versionFindings(subject: string, found: readonly string[]): Finding[] {
  const refused = refusal(found);
  if (refused !== null) return [{ level: 'error', subject, finding: refused.replace(/^it /, '') }];
  const missing = knownMigrations.filter((name) => !found.includes(name));
  if (missing.length === 0) return [];
  const finding = `is of an older version (${missing.join(', ')} is missing); the next start brings it to this one`;
  return [{ level: 'warning', subject, finding }];
}
