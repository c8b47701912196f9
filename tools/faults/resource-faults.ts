// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of what the product decides.

import type { Fault } from '../faults.ts';

export const resourceFaults: readonly Fault[] = [
  {
    name: 'two who can administer take each other away at once',
    file: 'src/resources/users/last-sysadmin.ts',
    find: 'await administrators.hold();',
    replace: '',
    tests: ['test/spec/users/last-sysadmin.test.ts'],
    engine: 'postgres',
  },
  {
    name: 'a sysadmin deletes one who holds more',
    file: 'src/resources/users/delete-user.ts',
    find: '    requireRank(call.actor, current);\n',
    replace: '',
    tests: ['test/spec/users/rank.test.ts'],
  },
];
