// The routes of the links in mails about a changed address. They ignore every token that a client sends.

import type { Input } from '../../jsonapi/described-route.ts';
import { openRouteLimits } from '../open-route-limits.ts';
import type { Route } from '../route.ts';
import { optionalPassword, passwordConfirmation } from '../users/password-input.ts';
import { confirmEmail } from './confirm-email.ts';
import { emailConfirmations } from './email-confirmations.ts';
import { emailUndos } from './email-undos.ts';
import { showEmailConfirmation, showEmailUndo } from './show-email-change.ts';
import { undoEmail } from './undo-email.ts';

const input: readonly Input[] = [
  {
    name: 'password',
    description:
      'A new password. Without one, an account that needs one cannot sign in by password until a reset. The last sysadmin must give one.',
    schema: optionalPassword,
  },
  passwordConfirmation,
];

const ofLink = { parameters: { token: 'token' }, auth: 'none', limits: openRouteLimits } as const;

export const emailChangesRoutes: readonly Route[] = [
  {
    ...ofLink,
    name: 'showEmailConfirmation',
    method: 'GET',
    path: '/api/v2/email_confirmations/{token}',
    body: 'none',
    operation: showEmailConfirmation,
    resource: emailConfirmations,
    policy: 'Whoever has the link.',
    description: 'Shows the address that the link confirms. It may be called any number of times.',
    answers: 'record',
  },
  {
    ...ofLink,
    name: 'confirmEmail',
    method: 'PATCH',
    path: '/api/v2/email_confirmations/{token}',
    body: 'none',
    operation: confirmEmail,
    resource: emailConfirmations,
    policy: 'Whoever has the link, once.',
    description: 'Gives the account the new address.',
    answers: 'nothing',
  },
  {
    ...ofLink,
    name: 'showEmailUndo',
    method: 'GET',
    path: '/api/v2/email_undos/{token}',
    body: 'none',
    operation: showEmailUndo,
    resource: emailUndos,
    policy: 'Whoever has the link.',
    description:
      'Shows the address that the link restores, and whether a new password is needed. It may be called any number of times.',
    answers: 'record',
  },
  {
    ...ofLink,
    name: 'undoEmail',
    method: 'PATCH',
    path: '/api/v2/email_undos/{token}',
    body: 'document',
    operation: undoEmail,
    resource: emailUndos,
    policy: 'Whoever has the link, once.',
    description:
      'Gives the account back the address. A password that was set since becomes void; all sign-ins end, and the API tokens, links and memberships that were made since.',
    answers: 'nothing',
    input: { instead: input },
  },
];
