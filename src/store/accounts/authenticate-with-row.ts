// Reads a record together with the token of the request.

import { both, chain } from '../../model/awaitable.ts';
import type { RecordOf, Resource } from '../../model/resource.ts';
import type { AskedRecord, RecordReader, RecordVersion, Store, Target } from '../store.ts';

type Authenticate = Store['authenticate'];

/**
 * Adds the row to the answer if the question wants it. The version is then that of the row, so that a record of which no
 * rendering is cached takes one statement in this process, and one round trip to a database server.
 */
export function authenticatorWithRow(
  authenticate: Authenticate,
  recordsOf: (resource: Resource) => Pick<RecordReader, 'find'>,
): Authenticate {
  return (tokenHash, asked) => {
    if (!wantsRow(asked)) return authenticate(tokenHash, asked);
    const authenticated = authenticate(tokenHash, null);
    // Null at once, without a promise: nothing is read for an invalid token.
    if (authenticated === null) return null;
    const { resource, id } = asked;
    return chain(
      both(authenticated, recordsOf(resource).find(id)),
      ([account, row]) => account && { ...account, target: row && versionOf(resource, row) },
    );
  };
}

function wantsRow(asked: AskedRecord | null): asked is Target {
  return asked !== null && typeof asked === 'object' && asked.withRow === true;
}

function versionOf({ audiencesBy }: Resource, row: RecordOf): RecordVersion {
  const { id, revision, shown } = row;
  return { id, revision, shown, row, ...(audiencesBy !== undefined && { facts: row }) };
}
