// Faults in changes of email addresses.

import type { Fault } from '../faults.ts';

const telling = ['test/spec/email-changes/telling.test.ts'];
const confirming = ['test/spec/email-changes/confirming.test.ts'];
const undoing = ['test/spec/email-changes/undoing.test.ts'];
const reserved = ['test/spec/email-changes/reserved.test.ts'];
const imported = ['test/store/reserved-addresses.test.ts'];

const migration = 'src/store/migrations/0022-reserved-addresses.ts';
const tellOldAddress = 'src/resources/users/tell-old-address.ts';
const updateUser = 'src/resources/users/update-user.ts';
const undoEmail = 'src/resources/email-changes/undo-email.ts';
const importUsers = 'src/resources/users/import-users.ts';

export const emailChangeFaults: readonly Fault[] = [
  {
    name: 'an address stays reserved after its link was used or ended',
    file: migration,
    find: '.email_key AND links.used_at IS NULL',
    replace: '.email_key',
    tests: reserved,
  },
  {
    name: 'an address stays reserved after its link has expired',
    file: migration,
    find: 'AND links.expires_at > ',
    replace: 'AND 0 < ',
    tests: reserved,
  },
  {
    name: 'an account may not take back its own address',
    file: migration,
    find: 'AND links.user_id <> ',
    replace: 'AND 0 <> ',
    tests: reserved,
  },
  {
    name: 'attempts at reserved addresses are not slowed down',
    file: 'src/resources/users/reserved-address.ts',
    find: 'if (holder === undefined || holder === userId) return [];',
    replace: 'return [];',
    tests: reserved,
  },
  {
    name: 'the new address is told instead of the old one',
    file: tellOldAddress,
    find: '...toAccount(before)',
    replace: '...toAccount(after)',
    tests: telling,
  },
  {
    name: 'other capitals are told as a change',
    file: tellOldAddress,
    find: 'if (isSameMailbox(before.email, after.email)) return;',
    replace: 'if (before.email === after.email) return;',
    tests: telling,
  },
  {
    name: 'capitals beyond ASCII are no change',
    file: 'src/model/mailbox.ts',
    find: 'return one === other || certainKey(one) === certainKey(other);',
    replace: 'return mailboxKey(one) === mailboxKey(other);',
    tests: [...telling, 'test/model/mailbox.test.ts'],
  },
  {
    name: 'links that were mailed to the old address go on working',
    file: tellOldAddress,
    find: '  await endLinksOf(transaction, before.id, now);\n',
    replace: '',
    tests: telling,
  },
  {
    name: 'an account changes its address as often as it likes',
    file: tellOldAddress,
    find: '  if (actor.userId === before.id) await requireFewChanges(transaction, before.id, now);\n',
    replace: '',
    tests: telling,
  },
  {
    name: 'an undo ends the links of earlier addresses',
    file: undoEmail,
    find: `['email_undo'], now, link.id)`,
    replace: `['email_undo'], now)`,
    tests: undoing,
  },
  {
    name: 'an undo leaves the links of later addresses',
    file: undoEmail,
    find: `  await links.end({ userId }, ['email_undo'], now, link.id);\n`,
    replace: '',
    tests: undoing,
  },
  {
    name: 'an undo leaves links that set a password',
    file: undoEmail,
    find: '  await endLinksOf(transaction, userId, now);\n',
    replace: '',
    tests: undoing,
  },
  {
    name: 'an undo leaves a password that was set since',
    file: undoEmail,
    find: 'const isRemoved = isVoid && (await passwords.remove(userId));',
    replace: 'const isRemoved = isVoid;',
    tests: undoing,
  },
  {
    name: 'an undo ends no sign-ins',
    file: undoEmail,
    find: 'await sessions.endSignIns(userId, null)',
    replace: '0',
    tests: undoing,
  },
  {
    name: 'an undo leaves API tokens that were made since',
    file: undoEmail,
    find: 'await sessions.endApiTokens(userId, lastSessionId)',
    replace: '0',
    tests: undoing,
  },
  {
    name: 'an undo ends API tokens that are older than the change',
    file: undoEmail,
    find: 'await sessions.endApiTokens(userId, lastSessionId)',
    replace: 'await sessions.endApiTokens(userId, 0)',
    tests: undoing,
  },
  {
    name: 'an undo takes the password of the last account that can administer',
    file: undoEmail,
    find: `  if (isAdministrator) await requireAdministrator(transaction, 'password');\n`,
    replace: '',
    tests: undoing,
  },
  {
    name: 'another hash of the same password counts as another password',
    file: 'src/resources/sign-in/sign-in.ts',
    find: 'transaction.passwords.rehash(userId, replacement)',
    replace: 'transaction.passwords.set(userId, replacement, now)',
    tests: undoing,
  },
  {
    name: 'the link of an older new address still confirms it',
    file: updateUser,
    find: '  await transaction.links.end({ userId: id }, [purpose], now);\n',
    replace: '',
    tests: confirming,
  },
  {
    name: 'a new address that a sysadmin gives to somebody else waits',
    file: updateUser,
    find: 'services.confirmEmail && call.id === call.actor.userId',
    replace: 'services.confirmEmail',
    tests: confirming,
  },
  {
    name: 'mails that confirm an address are not limited',
    file: updateUser,
    find: '      await requireMail(services, { to: email!, network: networkOf(call.clientAddress()) });\n',
    replace: '',
    tests: confirming,
  },
  {
    name: 'asking again for the address that waits mails again',
    file: updateUser,
    find: '  if (next === pending) return;\n',
    replace: '',
    tests: confirming,
  },
  {
    name: 'an account whose access has ended confirms an address',
    file: 'src/resources/email-changes/live-email-change.ts',
    find: `  if (hasEnded(change.user, now)) throw new ApiError('record_not_found');\n`,
    replace: '',
    tests: confirming,
  },
  {
    name: 'an import with old times finds addresses that are no longer reserved',
    file: 'src/resources/users/insert-imported.ts',
    find: '  await transaction.links.forgetReserved(now);\n',
    replace: '',
    tests: imported,
  },
  {
    name: 'an import stops if an account leaves one of its addresses',
    file: importUsers,
    find: '    if (error instanceof UniqueViolation) return insert();\n',
    replace: '',
    tests: imported,
  },
  {
    name: 'an undo leaves the memberships that the account got at the later address',
    file: undoEmail,
    find: 'if (lastMembershipId !== null)',
    replace: 'if (lastMembershipId === -1)',
    tests: undoing,
  },
];
