// The routes by which somebody without a password, or who has lost theirs, sets one. They ignore every token that a client
// sends.

import { openRouteLimits } from '../open-route-limits.ts';
import type { Route } from '../route.ts';
import { newPassword, passwordConfirmation } from '../users/password-input.ts';
import { passwords } from './passwords.ts';
import { requestReset } from './request-reset.ts';
import { resetPassword } from './reset-password.ts';
import { showReset } from './show-reset.ts';

const ofLink = {
  parameters: { token: 'token' },
  auth: 'none',
  limits: openRouteLimits,
  resource: passwords,
} as const;

export const passwordsRoutes: readonly Route[] = [
  {
    name: 'requestPasswordReset',
    method: 'POST',
    path: '/api/v2/passwords',
    auth: 'none',
    limits: openRouteLimits,
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
        passwordConfirmation,
        {
          name: 'end_api_tokens',
          description: 'Whether the API tokens of the account end too. By default they stay.',
          schema: { type: ['boolean', 'null'], examples: [false] },
        },
      ],
    },
  },
];
