// How routes describe a new password in a request.

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
