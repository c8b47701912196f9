// The route of the development mailbox. A service that sends mails does not have it.

import type { Route } from '../route.ts';
import { listMailbox } from './list-mailbox.ts';
import { mailbox } from './mailbox.ts';

export const mailsRoutes: readonly Route[] = [
  {
    name: 'listMailbox',
    method: 'GET',
    path: '/api/v2/mailbox',
    auth: 'token',
    body: 'none',
    operation: listMailbox,
    resource: mailbox,
    policy: 'Sysadmins with manage_security, by a token that may write.',
    description:
      'Lists the mails of the last 24 hours, the newest first. Only without SMTP, and on a loopback address or with MUSTER_MAILBOX; else 404.',
    answers: 'collection',
  },
];
