// Settings of mails, and of the pages that their links open.

import { isEmail } from './model/mailbox.ts';
import { codePoints, hasControls, isBlank } from './model/text.ts';
import { boolean, choice, color, host, integer, optional, secret, text, webAddress } from './setting.ts';
import { minLinkSecretLength } from './store/sqlite/link-secret-file.ts';

const second = 1000;
const minute = 60 * second;
const maxBrandName = 60;

export const mailSettings = {
  smtpHost: host(
    'none',
    'Mail server through which mails are sent. If not set, no mail leaves: mails are in the development mailbox. Requires MUSTER_PUBLIC_URL and MUSTER_MAIL_FROM.',
  ),
  smtpPort: optional(
    '587; 465 with tls, 25 with none',
    integer(0, '', [1, 65_535], 'Port of the mail server.'),
  ),
  smtpSecurity: choice(
    'starttls',
    ['starttls', 'tls', 'none'],
    'Encryption to the mail server: starttls begins without and then requires it, tls begins with it, none has none. Certificates are verified.',
  ),
  smtpUser: text('', 'User name at the mail server.', { defaultDescription: 'none' }),
  smtpPassword: secret(1, 'Password at the mail server.'),
  smtpConnections: integer(
    3,
    'connections',
    [1, 100],
    'Maximum number of connections to the mail server. Each sends one mail at a time.',
  ),
  smtpTimeoutMs: integer(
    30 * second,
    'milliseconds',
    [100, 10 * minute],
    'Time limit for each answer of the mail server; after it, the mail is sent again later. A mail may take three times as long in all.',
  ),
  mailFrom: {
    default: '',
    defaultDescription: 'none',
    description: 'Email that mails come from.',
    read: (input: string) => (isEmail(input) ? { value: input } : 'must be an email'),
  },
  mailFromName: {
    default: '',
    defaultDescription: 'the brand name',
    description: 'Name that mails come from, shown beside the email.',
    read: (input: string) =>
      codePoints(input) > maxBrandName || hasControls(input)
        ? `must have at most ${maxBrandName} characters, without line breaks`
        : { value: input },
  },
  linkSecret: secret(
    minLinkSecretLength,
    'Secret from which tokens of links in mails are derived. If not set, SQLite has one in a file beside the database; with PostgreSQL, there are no mails.',
  ),
  resetMinutes: integer(60, 'minutes', [5, 10_080], 'How long a link to set a new password is valid.'),
  invitationDays: integer(7, 'days', [1, 365], 'How long the link of an invitation is valid.'),
  mailbox: boolean(
    false,
    'Whether GET /mailbox shows mails although the service listens on another address than loopback. With SMTP there is no mailbox.',
  ),
  mailsPerAddress: integer(
    5,
    'mails in an hour',
    [0, 1e6],
    'Limit of mails to one address that others can cause: for confirmations and invitations together, and for new passwords apart; 0 for no limit.',
  ),
  mailsPerClient: integer(
    50,
    'mails in an hour',
    [0, 1e6],
    'Limit of these mails that one client address causes, to all addresses together; 0 for no limit.',
  ),
  newDeviceMails: boolean(
    true,
    'Whether accounts get a mail after a sign-in from a device or a network from which they have not signed in before.',
  ),

  brandName: {
    default: 'Muster',
    description: 'Name of the service in mails and on the pages that their links open.',
    read: (input: string) =>
      isBlank(input) || hasControls(input) || codePoints(input) > maxBrandName
        ? `must be a name of 1 to ${maxBrandName} characters, without line breaks`
        : { value: input.trim() },
  },
  brandColor: color(
    '#1d4ed8',
    'Color of the buttons of mails and pages. The text on them is black or white, whichever is easier to read.',
  ),
  brandLogo: text('', 'File with the logo of mails and pages: a PNG or an SVG of at most 256 KiB.', {
    defaultDescription: 'none, the name alone',
  }),
  brandUrl: webAddress('none', 'Where people go on after they have set a password or joined: your app.'),
};
