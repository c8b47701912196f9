// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of passwords, hashes and tokens.

import type { Fault } from '../faults.ts';

export const securityFaults: readonly Fault[] = [
  {
    name: "a hash without parts is anybody's",
    file: 'src/security/hash-formats.ts',
    find: '    // No password matches a damaged hash.\n    return false;',
    replace: '    return true;',
    tests: ['test/security/hash-formats.test.ts', 'test/cli/foreign-hashes.test.ts'],
  },
  {
    name: 'an account without a password is let in by none',
    file: 'src/security/passwords.ts',
    find: "      await hash('', parameters);\n      return false;",
    replace: '      return isTooLong(password);',
    tests: ['test/spec/users/passwords.test.ts'],
  },
  {
    name: 'a wait for a place in the queue has no end',
    file: 'src/security/passwords.ts',
    find: 'if (queue.length >= maxWaiting)',
    replace: 'if (queue.length > 1e9)',
    tests: [
      'test/spec/users/passwords.test.ts',
      'test/spec/users/password-attempts.test.ts',
      'test/spec/http/abuse.test.ts',
    ],
  },
  {
    name: 'a place in the queue is lost when work fails',
    file: 'src/security/passwords.ts',
    find: '        if (next) next();\n        else running--;',
    replace: '        if (next) next();',
    tests: ['test/spec/users/passwords.test.ts', 'test/spec/http/abuse.test.ts'],
  },
  {
    name: 'a password is hashed as it is typed',
    file: 'src/security/password-policy.ts',
    find: "return password.normalize('NFC');",
    replace: 'return password;',
    tests: ['test/spec/users/passwords.test.ts'],
  },
  {
    name: 'a common password is taken',
    file: 'src/security/password-policy.ts',
    find: 'if (await isCommonPassword(normalized))',
    replace: 'if (isCommonPassword(normalized) === null)',
    tests: ['test/spec/users/passwords.test.ts'],
  },
  {
    name: 'a minimum length counts code units',
    file: 'src/security/password-policy.ts',
    find: 'codePoints(normalized) < policy.minPasswordLength',
    replace: 'normalized.length < policy.minPasswordLength',
    tests: ['test/spec/users/passwords.test.ts'],
  },
];
