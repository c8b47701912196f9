// Invitations: who was asked to join an organization, and has not accepted yet. One that is accepted or taken back is
// deleted; the audit trail keeps what became of it.

import { roles } from '../../model/actor.ts';
import * as kind from '../../model/kinds.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

const administratorOrManager = ['administrator', 'manager'] as const;

export const invitations = defineResource({
  type: 'invitations',
  singular: 'invitation',
  audiences: {
    owner: 'owners of the organization',
    administrator: 'owners and admins of the organization',
    manager: 'sysadmins with `manage_organizations`',
  },
  audiencesBy: ['organization_id'],
  recordedUnder: 'organization_id',
  search: ['first_name', 'last_name', 'email'],
  indexesShortTexts: true,
  attributes: {
    email: {
      kind: kind.sharedEmail,
      required: true,
      read: 'everyone',
      create: administratorOrManager,
      filter: true,
      sort: true,
      description: 'Address to which the invitation is sent.',
    },
    role: {
      kind: kind.oneOf(roles),
      default: 'member',
      read: 'everyone',
      create: administratorOrManager,
      filter: true,
      description: 'Role of the membership: `owner`, `admin` or `member`.',
    },
    first_name: {
      kind: kind.personNameOrEmpty,
      default: '',
      read: 'everyone',
      create: administratorOrManager,
      sort: true,
      description: 'First name, as the inviter knows it; empty if not given.',
    },
    last_name: {
      kind: kind.personNameOrEmpty,
      default: '',
      read: 'everyone',
      create: administratorOrManager,
      sort: true,
      description: 'Last name, as the inviter knows it; empty if not given.',
      example: 'Lee',
    },
    expires_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      create: administratorOrManager,
      description: 'Time from which the membership gives no access; null for never.',
    },
    token_expires_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description:
        'Time until which the link in the mail is valid. The invitation stays, and can be sent again.',
    },
    created_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description: 'Time of the invitation.',
    },
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      description: 'Time at which it was last sent.',
    },
    organization_id: {
      kind: kind.identifier,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The organization.',
    },
    inviter_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The account that invites; null for the command line.',
    },
    person_id: {
      kind: kind.identifier,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'Who the invited person is within the organization.',
    },
  },
  relationships: {
    organization: { to: 'organizations', linked: true, description: 'The organization.' },
    inviter: { to: 'users', description: 'The account that invites; null for the command line.' },
    person: { to: 'people', few: true, description: 'Who the invited person is within the organization.' },
  },
});

export type Invitation = RecordOf<typeof invitations>;
