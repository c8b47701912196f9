// The routes by which people join: with the link of an invitation, which a join link sends to whoever asks for it.

import type { Input } from '../../jsonapi/described-route.ts';
import { openRouteLimits } from '../open-route-limits.ts';
import type { Route } from '../route.ts';
import { optionalPassword } from '../users/password-input.ts';
import { acceptOffer } from './accept-offer.ts';
import { invitationLinks } from './invitation-links.ts';
import { requestByJoinLink } from './join-link.ts';
import { showOffer } from './show-offer.ts';

/** The path of an invitation: the parameter is the token of its link, and for its inviter the id. */
const ofLink = {
  path: '/api/v2/invitations/{id}',
  parameters: { id: 'token' },
  limits: openRouteLimits,
  resource: invitationLinks,
} as const;

const nameInput = (name: string, which: string, example: string): Input => ({
  name,
  description: `${which} name of a new account; by default as the inviter knows it.`,
  schema: { type: ['string', 'null'], minLength: 1, maxLength: 255, examples: [example] },
});

export const invitationLinksRoutes: readonly Route[] = [
  {
    name: 'requestInvitation',
    method: 'POST',
    path: '/api/v2/invitations',
    auth: 'none',
    limits: openRouteLimits,
    body: 'document',
    operation: requestByJoinLink,
    resource: invitationLinks,
    policy: 'Whoever has the join link of an organization.',
    description:
      'Mails an invitation to join the organization as a member. The response does not show who is one already.',
    answers: 'nothing',
    input: {
      instead: [
        {
          name: 'token',
          description: 'The `invitation_token` of the organization.',
          schema: { type: 'string', writeOnly: true, examples: ['TOKEN'] },
          required: true,
        },
        {
          name: 'email',
          description: 'The address to invite.',
          schema: { type: 'string', examples: ['ann@example.com'] },
          required: true,
        },
      ],
    },
  },
  {
    ...ofLink,
    name: 'showInvitation',
    method: 'GET',
    auth: 'none',
    body: 'none',
    operation: showOffer,
    policy: 'Whoever has the link.',
    description: 'Shows to whom a link was mailed. It may be called any number of times.',
    answers: 'record',
    meta: {
      has_account: {
        schema: {
          type: 'boolean',
          description:
            'Whether the address has an account: then its token is needed to accept the invitation.',
          examples: [false],
        },
      },
    },
  },
  {
    ...ofLink,
    name: 'acceptInvitation',
    method: 'PATCH',
    auth: 'optional',
    changesCaller: true,
    body: 'document',
    operation: acceptOffer,
    policy:
      'Whoever has the link, once. If its address has an account, the account, with a token that is not bound to an organization.',
    description:
      'Accepts an invitation. Somebody new gets an account with these attributes; an account keeps its own, and they are ignored.',
    answers: 'nothing',
    input: {
      instead: [
        nameInput('first_name', 'First', 'Ann'),
        nameInput('last_name', 'Last', 'Lee'),
        {
          name: 'password',
          description: 'The password of a new account, which needs one.',
          schema: optionalPassword,
        },
        {
          name: 'newsletter_consent',
          description: 'Whether a new account agrees to receive the newsletter. By default it does not.',
          schema: { type: ['boolean', 'null'], examples: [false] },
        },
      ],
    },
  },
];
