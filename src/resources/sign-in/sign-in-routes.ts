// The routes that sign in. They ignore every token that a client sends.

import type { Input } from '../../jsonapi/described-route.ts';
import { shortText } from '../../model/kinds.ts';
import { openRouteLimits } from '../open-route-limits.ts';
import type { Route } from '../route.ts';
import { sessions } from '../sessions/sessions.ts';
import { signIn } from './sign-in.ts';

const optionalText = { ...shortText.schema, type: ['string', 'null'] };

const ofClient = (description: string, example: string): Omit<Input, 'name'> => ({
  description: `${description} By default read from User-Agent.`,
  schema: { ...optionalText, examples: [example] },
});

const input: readonly Input[] = [
  {
    name: 'email',
    description: 'The address of the account, in upper or lower case.',
    schema: { type: 'string', examples: ['ann@example.com'] },
    required: true,
  },
  {
    name: 'password',
    description: 'The password.',
    schema: { type: 'string', format: 'password', writeOnly: true, examples: ['password1234'] },
    required: true,
  },
  {
    name: 'name',
    description: 'Name of the session.',
    schema: { ...optionalText, examples: ["Ann's laptop"] },
  },
  { name: 'device', ...ofClient('Device of the client.', 'desktop') },
  { name: 'platform', ...ofClient('Operating system of the client.', 'macOS 10.15.7') },
  { name: 'browser', ...ofClient('Browser of the client.', 'Chrome 124') },
  {
    name: 'read_only',
    description: 'Whether the token only reads.',
    schema: { type: 'boolean', examples: [false] },
  },
  {
    name: 'app_version',
    description: 'Version of the client. Only the audit trail shows it.',
    schema: { ...optionalText, examples: ['1.4.2'] },
  },
];

export const signInRoutes: readonly Route[] = [
  {
    name: 'signIn',
    method: 'POST',
    path: '/api/v2/sessions',
    auth: 'none',
    limits: openRouteLimits,
    body: 'document',
    operation: signIn,
    resource: sessions,
    policy: 'Everyone, with the email and the password of an account whose access has not ended.',
    description: 'Signs in. Only this response shows the token of the session.',
    answers: 'created',
    input: { instead: input },
  },
];
