// Sessions: each is a token with what is known of its use. A sign-in is the session of a person; programs have machine
// tokens.

import * as kind from '../../model/kinds.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

/** Attributes of the hosted API that never have a value here. */
const alwaysNull = {
  kind: kind.text,
  nullable: true,
  read: 'everyone',
  derived: () => null,
} as const;

/** What the client says of itself. */
const ofClient = { kind: kind.shortText, nullable: true, read: 'everyone' } as const;

export const sessions = defineResource({
  type: 'sessions',
  singular: 'session',
  audiences: {
    self: 'the account that it belongs to',
    security: 'sysadmins with `manage_security`',
  },
  audiencesBy: ['user_id'],
  recordedFor: 'user_id',
  search: [],
  attributes: {
    name: {
      kind: kind.sessionName,
      nullable: true,
      read: 'everyone',
      create: ['self'],
      update: ['self'],
      description: 'Name, for example of the device or the program that has the token.',
    },
    note: {
      kind: kind.note,
      nullable: true,
      read: 'everyone',
      create: ['self'],
      update: ['self'],
      description: 'Free text.',
    },
    user_id: {
      kind: kind.numericIdentifier,
      read: 'everyone',
      filter: true,
      description: 'The account.',
    },
    token: {
      kind: kind.secret,
      nullable: true,
      shownOnce: true,
      read: 'everyone',
      description: 'The token: only in the response that creates it, else null. Only its hash is stored.',
    },
    last_ip: {
      kind: kind.shortText,
      nullable: true,
      read: 'everyone',
      description: 'Address of the client when the activity was last stored.',
    },
    location: { ...alwaysNull, description: 'Always null: addresses are not looked up elsewhere.' },
    device: { ...ofClient, description: 'Device of the client.' },
    platform: { ...ofClient, description: 'Operating system of the client.' },
    browser: { ...ofClient, description: 'Browser of the client.' },
    machine: {
      kind: kind.boolean,
      default: true,
      read: 'everyone',
      filter: true,
      description: 'Whether it is the session of an API token. Otherwise it is a sign-in.',
    },
    read_only: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      create: ['self'],
      filter: true,
      description: 'Whether the token only reads: all methods but GET, HEAD and OPTIONS are refused.',
    },
    last_activity_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      sort: true,
      description: 'Time of the last request, as it was last stored.',
    },
    token_expires_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      create: ['self'],
      description: 'Time from which the token is not valid; null for never.',
    },
    two_factor_auth: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      description: 'Whether the sign-in waits for a second factor.',
    },
    single_sign_on: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      description: 'Whether an identity provider made the sign-in.',
    },
    agent_first_name: { ...alwaysNull, description: 'Always null: nobody acts for another account.' },
    agent_last_name: { ...alwaysNull, description: 'Always null: nobody acts for another account.' },
    agent_avatar: { ...alwaysNull, description: 'Always null: nobody acts for another account.' },
    created_at: {
      kind: kind.timestamp,
      hidden: true,
      read: 'everyone',
      description: 'Time at which it was created.',
    },
    creator_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The account that created it; null if a command did.',
    },
    membership_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      description: 'The membership to whose organization the token is bound; null if it is not bound.',
    },
  },
  relationships: {
    user: { to: 'users', few: true, description: 'The account.' },
  },
});

export type Session = RecordOf<typeof sessions>;
