// The users resource. What stands here is the whole of it: documents, validation, filters, sorts, SQL, the reference
// page and the OpenAPI description are derived.

import { createHmac } from 'node:crypto';
import { powers } from '../../model/actor.ts';
import * as kind from '../../model/kinds.ts';
import type { Link } from '../../model/query.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

/** Users are linked with the organizations that they are members of. */
export const organizationsOfUsers: Link = {
  table: 'memberships',
  id: 'user_id',
  other: 'organization_id',
};

const selfOrManager = ['self', 'manager'] as const;

export const users = defineResource({
  type: 'users',
  audiences: {
    self: 'the user',
    manager: 'sysadmins with `manage_users`',
    security: 'sysadmins with `manage_security`',
  },
  search: ['first_name', 'last_name', 'email'],
  attributes: {
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      filter: true,
      sort: true,
      description: 'When something visible in the resource last changed.',
    },
    email: {
      kind: kind.email,
      read: 'everyone',
      create: ['manager'],
      update: selfOrManager,
      required: true,
      filter: true,
      sort: true,
      description:
        'Address used to sign in, unique without regard to case and to the way its domain is written.',
    },
    first_name: {
      kind: kind.personName,
      read: 'everyone',
      create: ['manager'],
      update: selfOrManager,
      required: true,
      filter: true,
      sort: true,
      description: 'First name, 1 to 255 characters.',
    },
    last_name: {
      kind: kind.personName,
      read: 'everyone',
      create: ['manager'],
      update: selfOrManager,
      required: true,
      filter: true,
      sort: true,
      description: 'Last name, 1 to 255 characters.',
      example: 'Lee',
    },
    time_zone: {
      kind: kind.timeZone,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      update: selfOrManager,
      filter: true,
      description: 'IANA time zone name.',
    },
    avatar_url: {
      kind: kind.url,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      update: selfOrManager,
      description: 'Absolute http(s) URL of a picture, never fetched by the server.',
    },
    default_organization_id: {
      kind: kind.integer,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      update: selfOrManager,
      filter: true,
      description:
        'An organization that the user is a member of. Naming any other in a PATCH leaves it as it was.',
    },
    default_organization_slug: {
      kind: kind.text,
      nullable: true,
      joined: { table: 'organizations', column: 'slug', by: 'default_organization_id' },
      read: 'everyone',
      example: '74-organization74',
      description: 'The default organization as `{id}-{name}`, in lower case and with hyphens.',
    },
    intercom_hash: {
      kind: kind.text,
      read: selfOrManager,
      // intercom.com/help, "Identity verification": HMAC-SHA-256 of the user's id under the verification secret.
      derived: (row, { identitySecret }) =>
        createHmac('sha256', identitySecret).update(String(row.id)).digest('hex'),
      example: '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9',
      description: 'HMAC-SHA-256 of the id under the identity-verification secret, in lower-case hex.',
    },
    flags: {
      kind: kind.flags,
      default: '{}',
      read: 'everyone',
      create: ['manager'],
      update: ['manager'],
      description: 'Feature flags of this account: name to boolean, string or number.',
    },
    newsletter_consent: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      update: ['self'],
      filter: true,
      description: 'Whether the user agreed to the newsletter.',
    },
    newsletter_consent_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      description: 'When consent was given; null where it was not, or was taken back.',
    },
    ical_token: {
      kind: kind.secret,
      nullable: true,
      read: ['self'],
      update: ['self'],
      description:
        'Secret of the personal calendar feed. Any string in a PATCH issues a fresh one, null revokes it.',
    },
    preferences: {
      kind: kind.anyJson,
      nullable: true,
      read: 'everyone',
      recordedAs: 'changed',
      create: ['manager'],
      update: ['self'],
      description: "The interface's own settings, returned as they were stored; at most 64 KiB.",
    },
    sysadmin: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      create: ['security'],
      update: ['security'],
      filter: true,
      description: 'May act beyond their own organizations. There is always one who can administer.',
    },
    sysadmin_permissions: {
      kind: kind.subsetOf(powers),
      default: '[]',
      read: 'everyone',
      create: ['security'],
      update: ['security'],
      description: 'The powers of a sysadmin. Nobody grants a power that they lack.',
    },
    two_factor_auth: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      filter: true,
      description: 'A second factor is enrolled and confirmed.',
    },
    sso_provision: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      filter: true,
      description: 'The account was provisioned by an identity provider.',
    },
    account_access_expires_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      update: ['manager'],
      filter: true,
      sort: true,
      description: 'From this moment no credential of the account works.',
    },
    locale: {
      kind: kind.locale,
      default: 'en_US',
      read: 'everyone',
      create: ['manager'],
      update: ['self'],
      filter: true,
      description: 'Language and region, `language_REGION` or `language_Script_REGION`.',
    },
  },
});

export type User = RecordOf<typeof users>;
