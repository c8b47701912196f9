// The routes by which somebody without a password, or who has lost theirs, sets one. They ignore every token that a client
// sends.

import type { Input } from '../../jsonapi/described-route.ts';
import type { Route, RouteLimit } from '../route.ts';
import { passwords } from './passwords.ts';
import { requestReset } from './request-reset.ts';
import { resetPassword } from './reset-password.ts';
import { showReset } from './show-reset.ts';

/** Room for an office behind one address. How many mails it causes is limited apart, see countMail. */
const limits: readonly RouteLimit[] = [
  { by: 'address', requests: 100, windowSeconds: 60 },
  { by: 'address', requests: 1000, windowSeconds: 3600 },
];

const newPassword = {
  type: 'string',
  format: 'password',
  writeOnly: true,
  examples: ['newpassword1234'],
};

const confirmation: Input = {
  name: 'password_confirmation',
  description: 'The password again. By default it is not compared.',
  schema: { ...newPassword, type: ['string', 'null'] },
};

const ofLink = { parameters: { token: 'token' }, auth: 'none', limits, resource: passwords } as const;

export const passwordsRoutes: readonly Route[] = [
  {
    name: 'requestPasswordReset',
    method: 'POST',
    path: '/api/v2/passwords',
    auth: 'none',
    limits,
    body: 'document',
    operation: requestReset,
    resource: passwords,
    policy: 'Everyone. Only who reads the mail of the account gets the link.',
    description:
      'Mails a link to set a new password. The response does not show whether there is such an account.',
    answers: 'nothing',
    input: {
      instead: [
        {
          name: 'email',
          description: 'The address of the account, in upper or lower case.',
          schema: { type: 'string', examples: ['ann@example.com'] },
          required: true,
        },
      ],
    },
  },
  {
    ...ofLink,
    name: 'showPasswordReset',
    method: 'GET',
    path: '/api/v2/passwords/{token}',
    body: 'none',
    operation: showReset,
    policy: 'Whoever has the link.',
    description: 'Shows whose password the link sets. It may be called any number of times.',
    answers: 'record',
  },
  {
    ...ofLink,
    name: 'resetPassword',
    method: 'PATCH',
    path: '/api/v2/passwords/{token}',
    body: 'document',
    operation: resetPassword,
    policy: 'Whoever has the link, once.',
    description:
      'Sets a new password. All sign-ins of the account and its older links end; nobody is signed in.',
    answers: 'nothing',
    input: {
      instead: [
        { name: 'password', description: 'The new password.', schema: newPassword, required: true },
        confirmation,
        {
          name: 'end_api_tokens',
          description: 'Whether the API tokens of the account end too. By default they stay.',
          schema: { type: ['boolean', 'null'], examples: [false] },
        },
      ],
    },
  },
];
