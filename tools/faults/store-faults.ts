// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of the database side.

import type { Fault } from '../faults.ts';

export const storeFaults: readonly Fault[] = [
  {
    name: 'an expired caller writes',
    file: 'src/store/sql/caller-check.ts',
    find: 'if (isExpired(known, clock())) throw new CallerChanged();',
    replace: '',
    tests: ['test/spec/users/rights-at-commit.test.ts', 'test/spec/users/rights-under-locks.test.ts'],
    engine: 'postgres',
  },
];
