// Directories (LDAP) as LDIF: what slapcat, ldapsearch, db2ldif and ldifde write.

import { CommandError } from '../../print.ts';
import type { ReadAccount } from '../account-reader.ts';
import type { FileRecord } from '../files/file-record.ts';
import { type LdifRecord, readLdif } from '../files/ldif.ts';
import type { Line } from '../files/read-lines.ts';
import { type DirectoryEntry, directoryEntry } from './directory-entry.ts';
import { readPerson } from './directory-person.ts';
import { type DirectorySurvey, groupClasses, isOfInterest, surveyDirectory } from './directory-survey.ts';
import type { System } from './system.ts';

export const ldif: System = {
  title: 'LDIF',
  formats: ['ldif'],
  requires: {},
  reader: ({ now }) => ({ entries: (open) => entries(open, now) }),
};

async function* entries(open: () => AsyncIterable<readonly Line[]>, now: number): AsyncGenerator<FileRecord> {
  const survey = await surveyDirectory(readLdif(open()));
  let isFirst = true;
  for await (const record of readLdif(open())) {
    if (isFirst) requireEntry(record);
    isFirst = false;
    const { line, text } = record;
    yield { line, size: text.length, ...readRecord(record, survey, now), original: { text } };
  }
}

/** @throws CommandError if the file has something else than entries */
function requireEntry(record: LdifRecord): void {
  const where = `line ${record.line}`;
  if (!('problem' in record) && isChange(record))
    throw new CommandError(
      `The file has changes of a directory, not its entries (changetype: ${record.changeType} on ${where}). Export the entries, as with slapcat or ldapsearch`,
    );
  const isLdif = 'problem' in record ? /^(?:dn|version):/i.test(record.text) : record.dn !== null;
  if (!isLdif && !('values' in record && isEnd(record)))
    throw new CommandError(
      `The file is not LDIF: the record on ${where} ${'problem' in record ? record.problem : 'has no dn'}`,
    );
}

type ReadRecord = Exclude<LdifRecord, { problem: string }>;

const isChange = ({ changeType }: ReadRecord) => changeType !== null && changeType !== 'add';

/** ldapsearch ends with the result of the search, and may have references to other servers. */
const isEnd = ({ dn, values }: ReadRecord) =>
  dn === null && ['search', 'result', 'ref'].some((name) => values.has(name));

function readRecord(record: LdifRecord, survey: DirectorySurvey, now: number): ReadAccount {
  if ('problem' in record) return { problem: record.problem };
  if (isEnd(record)) return { skipped: 'is a note of ldapsearch' };
  if (record.dn === null) return { problem: 'has no dn' };
  if (isChange(record)) return { problem: `is a change (changetype: ${record.changeType}), not an entry` };
  const entry = directoryEntry(record.dn, record.values);
  const other = whyNoPerson(entry);
  return other === null
    ? readPerson(entry, survey, now)
    : { skipped: other, isContext: isOfInterest(record.values) };
}

/** Null if the entry is a person who could sign in. */
function whyNoPerson(entry: DirectoryEntry): string | null {
  if (entry.isA('computer')) return 'is a computer';
  if (entry.isA('contact')) return 'is a contact, not an account';
  if (entry.isA('person', 'inetOrgPerson', 'posixAccount', 'account', 'user', 'mailAccount')) return null;
  if (entry.isA(...groupClasses)) return 'is a group';
  if (entry.isA('organization')) return 'is an organization';
  if (entry.isA('domain', 'domainDNS')) return 'is a domain';
  if (entry.isA('organizationalUnit')) return 'is an organizational unit';
  // A search for some attributes only.
  const isSelection = entry.texts('objectClass').length === 0 && entry.texts('mail').length > 0;
  return isSelection ? null : 'is no person';
}
