// The users resource. What stands here is the whole of it: documents, validation, filters, sorts, SQL, the reference
// page and the OpenAPI description are derived.

import { createHmac } from 'node:crypto';
import { powers } from '../../model/actor.ts';
import * as kind from '../../model/kind.ts';
import { defineResource, type Relation } from '../../model/resource.ts';

/** The account itself, and sysadmins who manage users. */
const selfOrManager: readonly Relation[] = ['self', 'manager'];

export const users = defineResource({
  type: 'users',
  search: ['first_name', 'last_name', 'email'],
  attributes: {
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      filter: true,
      sort: true,
      says: 'When something visible in the resource last changed.',
    },
    email: {
      kind: kind.email,
      read: 'everyone',
      create: ['manager'],
      change: selfOrManager,
      required: true,
      filter: true,
      sort: true,
      says: 'Address used to sign in, unique without regard to case.',
    },
    first_name: {
      kind: kind.personName,
      read: 'everyone',
      create: ['manager'],
      change: selfOrManager,
      required: true,
      filter: true,
      sort: true,
      says: 'First name, 1 to 255 characters.',
    },
    last_name: {
      kind: kind.personName,
      read: 'everyone',
      create: ['manager'],
      change: selfOrManager,
      required: true,
      filter: true,
      sort: true,
      says: 'Last name, 1 to 255 characters.',
    },
    time_zone: {
      kind: kind.timeZone,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      change: selfOrManager,
      filter: true,
      says: 'IANA time zone name.',
    },
    avatar_url: {
      kind: kind.url,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      change: selfOrManager,
      says: 'Absolute http(s) URL of a picture, never fetched by the server.',
    },
    default_organization_id: {
      kind: kind.integer,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      change: selfOrManager,
      filter: true,
      says: 'An organization that the user is a member of. Naming any other in a PATCH leaves it as it was.',
    },
    default_organization_slug: {
      kind: kind.text,
      nullable: true,
      joined: true,
      read: 'everyone',
      says: 'The default organization as `{id}-{name}`, in lower case and with hyphens.',
    },
    intercom_hash: {
      kind: kind.text,
      read: selfOrManager,
      // intercom.com/help, "Identity verification": HMAC-SHA-256 of the user's id under the verification secret.
      derived: (row, { identitySecret }) =>
        createHmac('sha256', identitySecret).update(String(row.id)).digest('hex'),
      says: 'HMAC-SHA-256 of the id under the identity-verification secret, in lower-case hex.',
    },
    flags: {
      kind: kind.flags,
      initial: '{}',
      read: 'everyone',
      create: ['manager'],
      change: ['manager'],
      says: 'Feature flags of this account: name to boolean, string or number.',
    },
    newsletter_consent: {
      kind: kind.boolean,
      initial: false,
      read: 'everyone',
      change: ['self'],
      filter: true,
      says: 'Whether the user agreed to the newsletter.',
    },
    newsletter_consent_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      says: 'When consent was given; null where it was not, or was taken back.',
    },
    ical_token: {
      kind: kind.secret,
      nullable: true,
      read: ['self'],
      change: ['self'],
      says: 'Secret of the personal calendar feed. Any string in a PATCH issues a fresh one, null revokes it.',
    },
    preferences: {
      kind: kind.anyJson,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      change: ['self'],
      says: "The interface's own settings, returned as they were stored; at most 64 KiB.",
    },
    sysadmin: {
      kind: kind.boolean,
      initial: false,
      read: 'everyone',
      create: ['security'],
      change: ['security'],
      filter: true,
      says: 'May act beyond their own organizations. There is always one who can administer.',
    },
    sysadmin_permissions: {
      kind: kind.subsetOf(powers),
      initial: '[]',
      read: 'everyone',
      create: ['security'],
      change: ['security'],
      says: 'The powers of a sysadmin. Nobody grants a power that they lack.',
    },
    two_factor_auth: {
      kind: kind.boolean,
      initial: false,
      read: 'everyone',
      filter: true,
      says: 'A second factor is enrolled and confirmed.',
    },
    sso_provision: {
      kind: kind.boolean,
      initial: false,
      read: 'everyone',
      filter: true,
      says: 'The account was provisioned by an identity provider.',
    },
    account_access_expires_at: {
      kind: kind.timestamp,
      nullable: true,
      read: 'everyone',
      create: ['manager'],
      change: ['manager'],
      filter: true,
      sort: true,
      says: 'From this moment no credential of the account works.',
    },
    locale: {
      kind: kind.locale,
      initial: 'en_US',
      read: 'everyone',
      create: ['manager'],
      change: ['self'],
      filter: true,
      says: 'Language and region, `language_REGION`.',
    },
  },
});
