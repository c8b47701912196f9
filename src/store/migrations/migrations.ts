// All migrations of the product. Add a new one at the end.

import type { Engine } from '../sql/engine.ts';
import * as accounts from './0001-accounts.ts';
import * as descendingAccessEnd from './0002-descending-access-end.ts';
import * as requestRates from './0003-request-rates.ts';
import * as idempotencyKeys from './0004-idempotency-keys.ts';
import * as emailAttempts from './0005-email-attempts.ts';
import * as mailboxKeys from './0006-mailbox-keys.ts';
import * as lighterUpdates from './0007-lighter-updates.ts';
import * as requestCounts from './0008-request-counts.ts';
import * as leases from './0009-leases.ts';
import * as organizationRevisions from './0010-organization-revisions.ts';
import * as organizations from './0011-organizations.ts';
import * as creationTimes from './0012-creation-times.ts';
import * as people from './0013-people.ts';
import * as organizationMemberships from './0014-organization-memberships.ts';
import * as membershipEnds from './0015-membership-ends.ts';
import * as sessions from './0016-sessions.ts';
import * as events from './0017-events.ts';
import * as signInAttempts from './0018-sign-in-attempts.ts';
import * as lighterTextIndexes from './0019-lighter-text-indexes.ts';
import * as linksAndMails from './0020-links-and-mails.ts';
import * as invitations from './0021-invitations.ts';
import * as reservedAddresses from './0022-reserved-addresses.ts';
import * as knownDevices from './0023-known-devices.ts';
import * as joinLinks from './0024-join-links.ts';
import * as membershipsBeforeUndo from './0025-memberships-before-undo.ts';
import * as importedFormats from './0026-imported-formats.ts';
import * as origins from './0027-origins.ts';
import * as shortTexts from './0028-short-texts.ts';
import * as shortTextsWithin from './0029-short-texts-within.ts';
import * as copiesBefore from './0030-copies-before.ts';
import * as searchNotes from './0031-search-notes.ts';

/**
 * Statements for each engine, and what only code can do after them: `rekeysUsers`, see rekey-users.ts, and
 * `foldsOrganizationNames`, see fold-organization-names.ts.
 */
export type Migration = Partial<Record<Engine['name'], readonly string[]>> & {
  readonly rekeysUsers?: true;
  readonly foldsOrganizationNames?: true;
};

/** By name. They run in the order of their names. */
export type Migrations = Readonly<Record<string, Migration>>;

export const migrations: Migrations = {
  '0001-accounts': accounts,
  '0002-descending-access-end': descendingAccessEnd,
  '0003-request-rates': requestRates,
  '0004-idempotency-keys': idempotencyKeys,
  '0005-email-attempts': emailAttempts,
  '0006-mailbox-keys': mailboxKeys,
  '0007-lighter-updates': lighterUpdates,
  '0008-request-counts': requestCounts,
  '0009-leases': leases,
  '0010-organization-revisions': organizationRevisions,
  '0011-organizations': organizations,
  '0012-creation-times': creationTimes,
  '0013-people': people,
  '0014-organization-memberships': organizationMemberships,
  '0015-membership-ends': membershipEnds,
  '0016-sessions': sessions,
  '0017-events': events,
  '0018-sign-in-attempts': signInAttempts,
  '0019-lighter-text-indexes': lighterTextIndexes,
  '0020-links-and-mails': linksAndMails,
  '0021-invitations': invitations,
  '0022-reserved-addresses': reservedAddresses,
  '0023-known-devices': knownDevices,
  '0024-join-links': joinLinks,
  '0025-memberships-before-undo': membershipsBeforeUndo,
  '0026-imported-formats': importedFormats,
  '0027-origins': origins,
  '0028-short-texts': shortTexts,
  '0029-short-texts-within': shortTextsWithin,
  '0030-copies-before': copiesBefore,
  '0031-search-notes': searchNotes,
};

/** The names of all migrations that this version knows. */
export const knownMigrations = Object.keys(migrations);
