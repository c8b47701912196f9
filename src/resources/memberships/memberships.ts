// Memberships: who belongs to which organization, in which role, and until when.

import { roles } from '../../model/actor.ts';
import * as kind from '../../model/kinds.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

const administratorOrManager = ['administrator', 'manager'] as const;

export const memberships = defineResource({
  type: 'organization_memberships',
  singular: 'organization_membership',
  audiences: {
    self: 'the member',
    owner: 'owners of the organization',
    administrator: 'owners and admins of the organization',
    manager: 'sysadmins with `manage_organizations`',
  },
  audiencesBy: ['organization_id', 'user_id'],
  recordedFor: 'user_id',
  recordedUnder: 'organization_id',
  search: [],
  attributes: {
    created_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description: 'Time at which the member joined.',
    },
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description: 'Time of the last change of an attribute.',
    },
    role: {
      kind: kind.oneOf(roles),
      default: 'member',
      read: 'everyone',
      create: ['manager'],
      update: administratorOrManager,
      filter: true,
      description: '`owner`, `admin` or `member`.',
    },
    expires_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      update: administratorOrManager,
      filter: true,
      sort: true,
      description: 'Time from which the membership gives no access; null for never.',
    },
    organization_id: {
      kind: kind.identifier,
      required: true,
      hidden: true,
      read: 'everyone',
      create: ['manager'],
      filter: true,
      description: 'The organization.',
    },
    user_id: {
      kind: kind.identifier,
      required: true,
      hidden: true,
      read: 'everyone',
      create: ['manager'],
      filter: true,
      description: 'The account.',
    },
    person_id: {
      kind: kind.identifier,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'Who the member is within the organization.',
    },
  },
  relationships: {
    organization: { to: 'organizations', linked: true, description: 'The organization.' },
    user: { to: 'users', few: true, givenAnywhere: true, description: 'The account.' },
    person: { to: 'people', few: true, description: 'Who the member is within the organization.' },
  },
});

export type Membership = RecordOf<typeof memberships>;
