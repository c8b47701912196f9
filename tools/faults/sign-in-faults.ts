// Faults in signing in.

import type { Fault } from '../faults.ts';

const signIn = 'src/resources/sign-in/sign-in.ts';
const throttle = 'src/resources/sign-in/sign-in-throttle.ts';
const throttleTests = ['test/spec/sessions/sign-in-throttle.test.ts'];
const raceTests = ['test/spec/sessions/sign-in-races.test.ts'];

export const signInFaults: readonly Fault[] = [
  {
    name: 'failed sign-ins are counted after the hash, so that parallel guesses are free',
    file: signIn,
    find: '    await claimAttempt(throttle);\n',
    replace: '',
    tests: throttleTests,
  },
  {
    name: 'who is blocked waits in the queue all the same',
    file: signIn,
    find: '  await requireUnblocked(throttle, store.read);\n',
    replace: '',
    tests: throttleTests,
  },
  {
    name: 'strangers use up the attempts of known addresses',
    file: throttle,
    find: '{budget} $',
    replace: '',
    tests: throttleTests,
  },
  {
    name: 'upper case gives more guesses',
    file: throttle,
    find: '? email : mailboxKey(email)',
    replace: '? email : email',
    tests: throttleTests,
  },
  {
    name: 'of two attempts at the same moment one is not counted',
    file: 'src/store/accounts/sign-in-attempts.ts',
    find: "        .where('failures', '=', known.failures)\n",
    replace: '',
    tests: ['test/store/sign-in-attempts.test.ts'],
  },
  {
    name: 'a sign-in opens a session although the password was changed meanwhile',
    file: signIn,
    find: '(await transaction.passwords.find(userId)) === stored',
    replace: 'stored !== null',
    tests: raceTests,
  },
  {
    name: 'a sign-in opens a session although the address belongs to another account meanwhile',
    file: signIn,
    find: '(await accountWithEmail(transaction, email))?.id !== userId',
    replace: 'userId === 0',
    tests: raceTests,
  },
  {
    name: 'an expired account signs in',
    file: signIn,
    find: "return hasEnded(user, now) ? 'expired' : user;",
    replace: 'return user;',
    tests: [...raceTests, 'test/spec/sessions/no-enumeration.test.ts'],
  },
  {
    name: 'a hash of another system is kept for ever',
    file: signIn,
    find: 'if (replacement !== null)',
    replace: 'if (replacement === userId)',
    tests: raceTests,
  },
  {
    name: 'a sign-in from a known address waits like everyone else',
    file: signIn,
    find: "isKnown ? 'known_address' : 'stranger'",
    replace: "isKnown ? 'stranger' : 'stranger'",
    tests: [...throttleTests, 'test/spec/sessions/sign-in-flood.test.ts'],
  },
  {
    name: 'an address is known for ever',
    file: 'src/resources/sign-in/known-addresses.ts',
    find: 'now - knownForMs',
    replace: 'now - now',
    tests: throttleTests,
  },
  {
    name: 'the password of a client that has gone is checked',
    file: signIn,
    find: 'throttle.key, call.gone())',
    replace: 'throttle.key)',
    tests: ['test/spec/sessions/gone-clients.test.ts'],
  },
  {
    name: 'a client that has gone keeps its place in the queue of hashes',
    file: 'src/security/password-queue.ts',
    find: '    const leave = () => {\n      this.#remove(waiting);',
    replace: '    const leave = () => {',
    tests: ['test/security/password-queue.test.ts'],
  },
  {
    name: 'an attempt waits for the disk before its password is checked',
    file: throttle,
    find: "write(count, undefined, 'later')",
    replace: 'write(count)',
    tests: ['test/spec/sessions/sign-in-races.test.ts'],
  },
  {
    name: 'a write that must be on disk shares a commit without a sync',
    file: 'src/store/sqlite/group-commit.ts',
    find: '!jobs.every(isLater)',
    replace: '!jobs.some(isLater)',
    tests: ['test/store/syncs.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'writes that are synced later wait for the disk',
    file: 'src/store/sqlite/group-commit.ts',
    find: '!jobs.every(isLater)',
    replace: 'true',
    tests: ['test/store/syncs.test.ts'],
    engine: 'sqlite',
  },
];
