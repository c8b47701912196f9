// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in passwords, hashes and tokens.

import type { Fault } from '../faults.ts';

export const securityFaults: readonly Fault[] = [
  {
    name: 'a damaged hash matches every password',
    file: 'src/security/hash-formats.ts',
    find: '    // No password matches a damaged hash.\n    return false;',
    replace: '    return true;',
    tests: ['test/security/hash-formats.test.ts', 'test/cli/foreign-hashes.test.ts'],
  },
  {
    name: 'an account without a password accepts a password that is too long',
    file: 'src/security/passwords.ts',
    find: "      await hash('', parameters);\n      return false;",
    replace: '      return isTooLong(password);',
    tests: ['test/spec/users/passwords.test.ts', 'test/spec/sessions/no-enumeration.test.ts'],
  },
  {
    name: 'the password queue has no limit',
    file: 'src/security/password-queue.ts',
    find: '< this.#limits.maxWaiting) return true;',
    replace: '< 1e9) return true;',
    tests: [
      'test/security/password-queue.test.ts',
      'test/spec/users/passwords.test.ts',
      'test/spec/users/password-attempts.test.ts',
      'test/spec/http/abuse.test.ts',
    ],
  },
  {
    name: 'an error keeps a place in the password queue',
    file: 'src/security/password-queue.ts',
    find: '    this.#working--;',
    replace: '',
    tests: ['test/spec/users/passwords.test.ts', 'test/spec/http/abuse.test.ts'],
  },
  {
    name: 'a full password queue refuses a password change rather than a sign-in that waits',
    file: 'src/security/password-queue.ts',
    find: 'if (lowest === undefined || ',
    replace: 'if (lowest !== priority || ',
    tests: ['test/security/password-queue.test.ts'],
  },
  {
    name: 'the password queue serves in the order of arrival',
    file: 'src/security/password-queue.ts',
    find: '++this.#turns % turnsOfLongestWait === 0',
    replace: 'true',
    tests: ['test/security/password-queue.test.ts'],
  },
  {
    name: 'many sign-ins to one account are checked at the same time',
    file: 'src/security/password-queue.ts',
    find: 'if (whose !== undefined) this.#busy.add(whose);',
    replace: '',
    tests: ['test/security/password-queue.test.ts'],
  },
  {
    name: 'a sign-in waits for ever while others change their passwords',
    file: 'src/security/password-queue.ts',
    find: '++this.#turns % turnsOfLongestWait === 0',
    replace: 'false',
    tests: ['test/security/password-queue.test.ts'],
  },
  {
    name: 'a password is hashed without normalization',
    file: 'src/security/password-policy.ts',
    find: "return password.normalize('NFC');",
    replace: 'return password;',
    tests: ['test/spec/users/passwords.test.ts'],
  },
  {
    name: 'a common password is accepted',
    file: 'src/security/password-policy.ts',
    find: 'if (await isCommonPassword(normalized))',
    replace: 'if (isCommonPassword(normalized) === null)',
    tests: ['test/spec/users/passwords.test.ts'],
  },
  {
    name: 'the minimum length counts UTF-16 code units',
    file: 'src/security/password-policy.ts',
    find: 'codePoints(normalized) < minPasswordLength',
    replace: 'normalized.length < minPasswordLength',
    tests: ['test/spec/users/passwords.test.ts'],
  },
];
