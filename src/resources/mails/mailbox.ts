// The development mailbox: mails that a service without SMTP keeps, instead of sending them.

import * as kind from '../../model/kinds.ts';
import { defineReport } from '../../model/report.ts';

export const mailbox = defineReport({
  type: 'mailbox',
  attributes: {
    to: { kind: kind.text, example: 'ann@example.com', description: 'The email of the recipient.' },
    subject: { kind: kind.text, example: 'Set a new password', description: 'The subject.' },
    text: {
      kind: kind.text,
      example: 'Hello Ann,\n\nhttp://127.0.0.1:3000/account/reset?lang=en#TOKEN',
      description: 'The mail as plain text, decoded, with its link on a line of its own.',
    },
    html: {
      kind: kind.text,
      example: '<!doctype html><html lang="en"><body>Hello Ann</body></html>',
      description: 'The same as HTML.',
    },
    created_at: { kind: kind.timestamp, description: 'When the mail was created.' },
  },
});
