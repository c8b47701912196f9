// What the link of an invitation shows to whoever holds it.

import * as kind from '../../model/kinds.ts';
import { defineReport } from '../../model/report.ts';

export const invitationLinks = defineReport({
  type: 'invitations',
  name: 'invitation_links',
  hasTokenAsId: true,
  attributes: {
    email: {
      kind: kind.sharedEmail,
      example: 'ann@example.com',
      description: 'The address to which the link was mailed.',
    },
    first_name: {
      kind: kind.personNameOrEmpty,
      example: 'Ann',
      description: 'First name, as the inviter knows it; empty if not given.',
    },
    last_name: {
      kind: kind.personNameOrEmpty,
      example: 'Lee',
      description: 'Last name, as the inviter knows it; empty if not given.',
    },
    time_zone: {
      kind: kind.timeZone,
      nullable: true,
      description: 'The time zone that a new account gets.',
    },
  },
});
