// A new password in a request: how routes describe it, and what its confirmation must be.

import { type ErrorObject, violation } from '../../errors.ts';
import type { Input } from '../../jsonapi/described-route.ts';

export const newPassword = {
  type: 'string',
  format: 'password',
  writeOnly: true,
  examples: ['newpassword1234'],
};

export const optionalPassword = { ...newPassword, type: ['string', 'null'] };

export const passwordConfirmation: Input = {
  name: 'password_confirmation',
  description: 'The password again. By default it is not compared.',
  schema: optionalPassword,
};

/** @param confirmation not compared if it is not given */
export function confirmationViolations(password: unknown, confirmation: unknown = null): ErrorObject[] {
  return confirmation === null || confirmation === password
    ? []
    : [violation('password_confirmation', "doesn't match Password")];
}
