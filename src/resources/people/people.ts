// People: who somebody is within one organization. The id stays when the person leaves and comes back. What a person
// shows of its account and its membership is copied by triggers, so that it can be filtered, sorted and searched.

import { roles } from '../../model/actor.ts';
import * as kind from '../../model/kinds.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

export const people = defineResource({
  type: 'people',
  singular: 'person',
  audiences: {
    administrator: 'owners and admins of the organization, and sysadmins',
  },
  audiencesBy: ['organization_id'],
  search: ['first_name', 'last_name', 'email'],
  indexesShortTexts: true,
  shortTextsWithin: 'organization_id',
  attributes: {
    avatar_url: {
      kind: kind.url,
      nullable: true,
      read: 'everyone',
      description: 'Absolute http(s) URL of a picture, that of the account.',
    },
    deactivated_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      filter: true,
      description: 'Time at which the person left the organization; null for a member.',
    },
    email: {
      kind: kind.sharedEmail,
      read: 'everyone',
      filter: true,
      sort: true,
      few: true,
      description: 'Address of the account.',
    },
    first_name: {
      kind: kind.personNameOrEmpty,
      read: 'everyone',
      sort: true,
      description: 'First name of the account; before an invitation is accepted, as the inviter wrote it.',
    },
    last_name: {
      kind: kind.personNameOrEmpty,
      read: 'everyone',
      sort: true,
      description: 'Last name of the account; before an invitation is accepted, as the inviter wrote it.',
      example: 'Lee',
    },
    joined_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      description: 'Time at which the person joined the organization, the last time if more than once.',
    },
    last_seen_at: {
      kind: kind.timestamp,
      nullable: true,
      read: ['administrator'],
      description:
        'Time of the last request of a sign-in, to the hour; null if unknown. A request with X-Organization-Id counts in that organization alone, one without in all.',
    },
    invited_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      description: 'Time of the invitation; null if the person was not invited.',
    },
    is_user: {
      kind: kind.boolean,
      read: 'everyone',
      filter: true,
      description: 'Whether the person has an account; false until an invitation is accepted.',
    },
    user_id: {
      kind: kind.numericIdentifier,
      nullable: true,
      read: 'everyone',
      filter: true,
      description: 'The account; null until an invitation is accepted.',
    },
    created_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description:
        'Time of the creation of the account; before an invitation is accepted, of the invitation.',
    },
    last_activity_at: {
      kind: kind.timestamp,
      nullable: true,
      read: ['administrator'],
      sort: true,
      description:
        'Time of the last request of a sign-in or an API token, to the hour; null if unknown. Counts like `last_seen_at`.',
    },
    two_factor_auth: {
      kind: kind.boolean,
      read: ['administrator'],
      description: 'Whether the account has a second factor that is confirmed.',
    },
    external_id: {
      kind: kind.text,
      nullable: true,
      read: 'everyone',
      description: 'Id of the person in another system; null if it was made here.',
    },
    role: {
      kind: kind.oneOf(roles),
      nullable: true,
      read: 'everyone',
      filter: true,
      description: 'Role of the membership; null without one.',
    },
    access_expires_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      description: 'Time at which the membership ends; null for never.',
    },
    organization_id: {
      kind: kind.identifier,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The organization.',
    },
  },
  relationships: {
    organization: { to: 'organizations', linked: true, description: 'The organization.' },
    user: { to: 'users', few: true, description: 'The account; null until an invitation is accepted.' },
  },
});

export type Person = RecordOf<typeof people>;
