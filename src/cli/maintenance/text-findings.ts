// What `muster check` finds in the indexes of texts that searches use.

import { resolve } from 'node:path';
import { type Config, ConfigError } from '../../config.ts';
import { databaseFile, isPostgres, openExistingEngine } from '../../open-store.ts';
import { resources } from '../../resources/resources.ts';
import { type IndexDifference, indexDifferences } from '../../store/sql/compare-texts.ts';
import { onlyItself } from '../only-itself.ts';
import type { Finding } from './findings.ts';
import { withoutSecrets } from './postgres-findings.ts';

/** The database must have this version. */
export async function textFindings(config: Config): Promise<Finding[]> {
  const subject = isPostgres(config) ? withoutSecrets(config.databaseUrl) : resolve(databaseFile(config));
  const error = (finding: string): Finding => ({ level: 'error', subject, finding });
  try {
    const engine = await openExistingEngine(onlyItself(config));
    try {
      const findings: Finding[] = [];
      for (const resource of resources) {
        const differences = await indexDifferences(engine, resource).catch((cause: Error) => cause);
        if (differences instanceof Error)
          findings.push(
            error(
              `the indexes of ${resource.type} cannot be read (${differences.message}); ${remedy(resource.type)}`,
            ),
          );
        else findings.push(...differences.map(textOf).map(error));
      }
      return findings;
    } finally {
      await engine.close();
    }
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return [error(cause.message)];
  }
}

function textOf({ table, index, missing, extra }: IndexDifference): string {
  const counts = [
    ...(missing > 0 ? [`missing entries: ${missing}`] : []),
    ...(extra > 0 ? [`wrong entries: ${extra}`] : []),
  ];
  return `the index of ${index} of ${table} is damaged (${counts.join(', ')}, or more); ${remedy(table)}`;
}

function remedy(table: string): string {
  return `run \`muster reindex ${table}\``;
}
