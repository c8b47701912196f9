// The users resource. This definition is complete: documents, validation, filters, sorts, SQL, the reference pages
// and the OpenAPI description are derived from it.

import { powers } from '../../model/actor.ts';
import * as kind from '../../model/kinds.ts';
import type { Link } from '../../model/query.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

/** Links users with the organizations that they are members of. */
export const organizationsOfUsers: Link = {
  table: 'organization_memberships',
  id: 'user_id',
  other: 'organization_id',
};

const selfOrManager = ['self', 'manager'] as const;

export const users = defineResource({
  type: 'users',
  singular: 'user',
  audiences: {
    self: 'the user',
    manager: 'sysadmins with `manage_users`',
    security: 'sysadmins with `manage_security`',
  },
  recordedFor: 'id',
  // As the hosted API does.
  refusesInclude: true,
  search: ['first_name', 'last_name', 'email'],
  indexesShortTexts: true,
  copies: {
    table: 'people',
    by: 'user_id',
    within: 'organization_id',
    attributes: ['email', 'first_name', 'last_name', 'avatar_url', 'two_factor_auth'],
  },
  attributes: {
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      filter: true,
      sort: true,
      description: 'Time of the last change of an attribute.',
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
        'Address for signing in. Unique; case, and whether the domain is in Unicode or Punycode, make no difference.',
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
      description: 'Absolute http(s) URL of a picture. The server never fetches it.',
    },
    default_organization_id: {
      kind: kind.integer,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      update: selfOrManager,
      filter: true,
      description:
        'An organization that the user is a member of. In a PATCH, any other organization is ignored.',
    },
    default_organization_slug: {
      kind: kind.text,
      nullable: true,
      joined: { table: 'organizations', column: 'slug', by: 'default_organization_id' },
      read: 'everyone',
      example: '74-organization74',
      description: 'The default organization as `{id}-{name}`, in lower case, words joined by hyphens.',
    },
    intercom_hash: {
      kind: kind.text,
      read: selfOrManager,
      // intercom.com/help, "Identity verification": HMAC-SHA-256 of the user's id under the verification secret.
      derived: (row, { identityHash }) => identityHash(String(row.id)),
      example: '5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9',
      description:
        'HMAC-SHA-256 of the id, with the identity-verification secret as key, in lower-case hexadecimal.',
    },
    flags: {
      kind: kind.flags,
      default: '{}',
      read: 'everyone',
      create: ['manager'],
      update: ['manager'],
      description: 'Feature flags of the account. Each value is a boolean, string or number.',
    },
    newsletter_consent: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      update: ['self'],
      filter: true,
      description: 'Whether the user has agreed to receive the newsletter.',
    },
    newsletter_consent_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      description: 'Time of the consent to the newsletter; null if it was not given, or was withdrawn.',
    },
    ical_token: {
      kind: kind.secret,
      nullable: true,
      read: ['self'],
      update: ['self'],
      description:
        'Secret of the personal calendar feed. In a PATCH, any string generates a new secret, and null revokes it.',
    },
    preferences: {
      kind: kind.anyJson,
      nullable: true,
      read: 'everyone',
      recordedAs: 'changed',
      create: ['manager'],
      update: ['self'],
      description: 'Settings of the user interface, as any JSON. Returned unchanged; at most 64 KiB.',
    },
    sysadmin: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      create: ['security'],
      update: ['security'],
      filter: true,
      description:
        'Whether the user is a sysadmin, who can act on all organizations. The last sysadmin who can administer cannot lose this.',
    },
    sysadmin_permissions: {
      kind: kind.subsetOf(powers),
      default: '[]',
      read: 'everyone',
      create: ['security'],
      update: ['security'],
      description: 'The powers of a sysadmin. A caller cannot grant a power that they lack.',
    },
    two_factor_auth: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      filter: true,
      description: 'Whether a second factor is enrolled and confirmed.',
    },
    sso_provision: {
      kind: kind.boolean,
      default: false,
      read: 'everyone',
      filter: true,
      description: 'Whether an identity provider created the account.',
    },
    account_access_expires_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      update: ['manager'],
      filter: true,
      sort: true,
      description: 'Time after which no password or token of the account works; null for never.',
    },
    locale: {
      kind: kind.locale,
      default: 'en_US',
      read: 'everyone',
      create: ['manager'],
      update: ['self'],
      filter: true,
      description: 'Language and region, as `language_REGION` or `language_Script_REGION`.',
    },
    created_at: {
      kind: kind.timestamp,
      // A trigger replaces it with the first `updated_at`.
      default: 0,
      hidden: true,
      read: 'everyone',
      description: 'Time of the creation.',
    },
  },
});

export type User = RecordOf<typeof users>;
