// Findings of `muster check` that both engines have.

import { missingMigrations, refusal } from '../../store/migrations/migrate.ts';

export interface Finding {
  /**
   * An error: a start fails, data is damaged, or the mail server cannot be used. A warning: a weak setting, or something to repair. A notice: neither; a
   * healthy service may have some.
   */
  readonly level: 'error' | 'warning' | 'notice';
  readonly subject: string;
  readonly finding: string;
}

/** Findings about the version of the database. A start refuses a newer version, and migrates an older one. */
export function versionFindings(subject: string, found: readonly string[]): Finding[] {
  const refused = refusal(found);
  if (refused !== null) return [{ level: 'error', subject, finding: refused.replace(/^it /, '') }];
  const missing = missingMigrations(found);
  if (missing === null) return [];
  const finding = `is of an older version (${missing}); the next start migrates it`;
  return [{ level: 'warning', subject, finding }];
}
