import { equality, type Kind, refused } from '../kind.ts';

export const boolean: Kind<boolean> = {
  name: 'boolean',
  column: 'boolean',
  operators: equality,
  check: (value) => (typeof value === 'boolean' ? { value } : refused('is not a boolean')),
  readFilter(text) {
    if (/^(true|1)$/i.test(text)) return { exact: true };
    return /^(false|0)$/i.test(text) ? { exact: false } : undefined;
  },
  write: (stored) => (stored ? 'true' : 'false'),
  schema: { type: 'boolean', examples: [false] },
};
