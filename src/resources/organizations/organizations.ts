// The organizations resource. Documents, validation, filters, sorts, SQL and the reference page are derived from this
// definition.

import * as kind from '../../model/kinds.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

const administratorOrManager = ['administrator', 'manager'] as const;

const notEnforced = {
  kind: kind.boolean,
  // There is nothing yet that it could force.
  derived: () => false,
  read: 'everyone',
} as const;

export const organizations = defineResource({
  type: 'organizations',
  singular: 'organization',
  audiences: {
    owner: 'owners of the organization',
    administrator: 'owners and admins of the organization',
    manager: 'sysadmins with `manage_organizations`',
  },
  recordedUnder: 'id',
  search: ['name'],
  indexesShortTexts: true,
  attributes: {
    name: {
      kind: kind.organizationName,
      required: true,
      read: 'everyone',
      create: administratorOrManager,
      update: administratorOrManager,
      filter: true,
      sort: true,
      example: 'Kolibri & Co.',
      description: 'Name, 1 to 255 characters. Users show it in their default_organization_slug.',
    },
    created_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description: 'Time of the creation.',
    },
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description: 'Time of the last change of an attribute.',
    },
    subdomain: {
      kind: kind.dnsLabel,
      nullable: true,
      read: 'everyone',
      create: administratorOrManager,
      update: administratorOrManager,
      filter: true,
      description: 'Label of a domain name, which no other organization has. Stored in lower case.',
    },
    invitation_token: {
      kind: kind.secret,
      nullable: true,
      read: administratorOrManager,
      notIncluded: true,
      update: administratorOrManager,
      description:
        'Secret of the join link. In a PATCH, any string generates a new secret, and null revokes it. Null in included records.',
    },
    flags: {
      kind: kind.flags,
      default: '{}',
      read: 'everyone',
      create: ['manager'],
      update: ['manager'],
      description: 'Feature flags of the organization. Each value is a boolean, string or number.',
    },
    time_zone: {
      kind: kind.timeZone,
      nullable: true,
      read: 'everyone',
      create: administratorOrManager,
      update: administratorOrManager,
      description: 'IANA time zone name.',
    },
    avatar_url: {
      kind: kind.url,
      nullable: true,
      read: 'everyone',
      create: administratorOrManager,
      update: administratorOrManager,
      description: 'Absolute http(s) URL of a picture. The server never fetches it.',
    },
    locale: {
      kind: kind.locale,
      default: 'en_US',
      read: 'everyone',
      create: administratorOrManager,
      update: administratorOrManager,
      description: 'Language and region, as `language_REGION` or `language_Script_REGION`.',
    },
    single_sign_on: { ...notEnforced, description: 'Whether members sign in by an identity provider.' },
    force_two_factor_auth: { ...notEnforced, description: 'Whether members need a second factor.' },
    force_single_sign_on: {
      ...notEnforced,
      description: 'Whether members can sign in only by the identity provider.',
    },
    slug: {
      kind: kind.text,
      default: '',
      hidden: true,
      read: 'everyone',
      description: 'The id and the name, as users show it.',
    },
    creator_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      description: 'The account that created it by a POST.',
    },
  },
});

export type Organization = RecordOf<typeof organizations>;

/**
 * For example `74-organization74`: the id, then the words of the name in lower case, joined by hyphens. A word is a
 * run of letters and digits.
 */
export function organizationSlug(id: number, name: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [id, ...words].join('-');
}
