// Faults in links that set a password.

import type { Fault } from '../faults.ts';

const request = 'src/resources/passwords/request-reset.ts';
const issue = 'src/resources/passwords/issue-reset.ts';
const reset = 'src/resources/passwords/reset-password.ts';
const stored = 'src/resources/users/set-password.ts';
const requestTests = ['test/spec/passwords/requesting.test.ts'];
const resetTests = ['test/spec/passwords/resetting.test.ts'];
const raceTests = ['test/spec/passwords/races.test.ts'];

export const passwordLinkFaults: readonly Fault[] = [
  {
    name: 'a link to set a password works on although a newer one was made',
    file: issue,
    find: '  await transaction.links.end({ userId }, [purpose], now);\n',
    replace: '',
    tests: resetTests,
  },
  {
    name: 'a link sets as many passwords as arrive at once',
    file: reset,
    find: 'claimed === null',
    replace: 'claimed === undefined',
    tests: raceTests,
  },
  {
    name: 'a link sets a password of an account whose access has ended meanwhile',
    file: reset,
    find: 'user === null || hasEnded(user, now)',
    replace: 'user === null',
    tests: raceTests,
  },
  {
    name: 'the two new passwords may differ',
    file: 'src/resources/users/password-input.ts',
    find: 'confirmation === null || confirmation === password',
    replace: 'confirmation !== undefined',
    tests: resetTests,
  },
  {
    name: 'a new password by a link leaves the waits after wrong ones',
    file: reset,
    find: '        await resetThrottles(transaction, user);\n',
    replace: '',
    tests: resetTests,
  },
  {
    name: 'an account whose access has ended gets a link',
    file: request,
    find: "hasEnded(user, now) ? 'expired' : user",
    replace: 'now === 0 || user',
    tests: requestTests,
  },
  {
    name: 'a request with an unknown address does less work',
    file: request,
    find: '    await pretendReset(services, transaction);\n',
    replace: '',
    tests: ['test/spec/passwords/same-work.test.ts'],
  },
  {
    name: 'requests for links fill a mailbox',
    file: request,
    find: 'exceeded !== null',
    replace: 'exceeded === undefined',
    tests: requestTests,
  },
  {
    name: 'a link is shown for an account whose access has ended',
    file: 'src/resources/passwords/live-reset.ts',
    find: 'user === null || hasEnded(user, now)',
    replace: 'user === null',
    tests: resetTests,
  },
  {
    name: 'a cache may store the token of a link',
    file: 'src/resources/operations/report.ts',
    find: "'no-store'",
    replace: "'private'",
    tests: resetTests,
  },
  {
    name: 'links to set a password outlive a new password',
    file: stored,
    find: '  await endLinksOf(transaction, id, now);\n',
    replace: '',
    tests: resetTests,
  },
  {
    name: 'API tokens stay although they were to end',
    file: stored,
    find: 'given.endsApiTokens ?',
    replace: 'given.hash === id.toString() ?',
    tests: resetTests,
  },
  {
    name: 'the notice of a new password counts sign-ins, and tokens that have expired',
    file: stored,
    find: 'machine && works(end)',
    replace: 'machine || works(end)',
    tests: resetTests,
  },
  {
    name: 'a command makes a link for an account whose access has ended',
    file: 'src/cli/accounts/send-reset.ts',
    find: '    if (ended !== undefined) throw new CommandError(ended);\n',
    replace: '',
    tests: ['test/cli/send-reset.test.ts'],
  },
];
