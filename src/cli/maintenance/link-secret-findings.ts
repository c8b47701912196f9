// Findings of `muster check` about the secret of links in mails.

import { resolve } from 'node:path';
import { type Config, givenName } from '../../config.ts';
import { mailMode } from '../../open-mail.ts';
import { databaseFile } from '../../open-store.ts';
import { FileError, isPrivate } from '../../platform/private-files.ts';
import { linkSecretFile, readLinkSecret } from '../../store/sqlite/link-secret-file.ts';
import type { Finding } from './findings.ts';

export function linkSecretFindings(config: Config): Finding[] {
  const subject = givenName(config, 'linkSecret');
  if (mailMode(config) === 'off')
    return [
      { level: 'notice', subject, finding: 'is not set, so no mails are created: PostgreSQL needs it' },
    ];
  if (config.linkSecret !== '') return [];
  const file = resolve(databaseFile(config));
  const path = linkSecretFile(file);
  // Its mode is that of a file of the database, which has a finding.
  if (!isPrivate(path)) return [];
  try {
    readLinkSecret(file);
    return [];
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return [{ level: 'error', subject: path, finding: error.message.replace(`${path} `, '') }];
  }
}
