// Devise with a pepper: bcrypt of the password and the pepper behind it. A hash does not show whether there is a pepper, so
// an import marks it. Devise without a pepper writes plain bcrypt.

import { bcrypt } from './algorithms.ts';
import type { HashForm } from './foreign-hash.ts';

export const deviseForms: readonly HashForm[] = [
  {
    format: 'Devise with a pepper',
    pattern: /^\{devise\}(.*)$/,
    read: ([, hash]) => ({
      ...bcrypt(hash!, (password, { devisePepper }) => `${password}${devisePepper}`),
      secret: 'devisePepper',
    }),
  },
];
