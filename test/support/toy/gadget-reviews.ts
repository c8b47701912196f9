// A second toy resource: reviews of gadgets. It has every form of relationship: one whose id is always in documents,
// one to its own type, one whose id is a column of another table, and ids that documents show only as relationships.

import * as kind from '../../../src/model/kinds.ts';
import { defineResource } from '../../../src/model/resource.ts';

const writers = ['author', 'moderator'] as const;

export const gadgetReviews = defineResource({
  type: 'gadget_reviews',
  singular: 'gadget_review',
  audiences: {
    author: 'the author',
    moderator: 'owners and admins of the organization',
    keeper: 'sysadmins with `manage_organizations`',
  },
  audiencesBy: ['author_id', 'organization_id'],
  search: [],
  attributes: {
    updated_at: {
      kind: kind.timestamp,
      read: 'everyone',
      sort: true,
      description: 'When something visible in the resource last changed.',
    },
    text: {
      kind: kind.text,
      required: true,
      read: 'everyone',
      create: ['author'],
      update: ['author'],
      description: 'What the author thinks of it.',
    },
    verdict: {
      kind: kind.text,
      nullable: true,
      read: writers,
      update: ['moderator'],
      description: 'What the moderators think of the review.',
    },
    // #region restricted
    rank: {
      kind: kind.integer,
      default: 0,
      read: ['moderator', 'keeper'],
      update: ['moderator'],
      filter: true,
      sort: true,
      description: 'How high the moderators rank the review.',
    },
    // #endregion
    // #region hidden
    gadget_id: {
      kind: kind.identifier,
      required: true,
      hidden: true,
      read: 'everyone',
      create: ['author'],
      filter: true,
      description: 'The gadget.',
    },
    // #endregion
    author_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The author.',
    },
    organization_id: {
      kind: kind.identifier,
      required: true,
      hidden: true,
      read: 'everyone',
      create: ['author'],
      filter: true,
      description: 'The organization whose members see it.',
    },
    reply_to_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      create: ['author'],
      update: ['moderator'],
      filter: true,
      description: 'The review that it replies to.',
    },
    // #region path
    gadget_owner_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      joined: { table: 'gadgets', column: 'owner_id', by: 'gadget_id' },
      read: 'everyone',
      description: 'The owner of the gadget.',
    },
    // #endregion
  },
  // #region relationships
  relationships: {
    gadget: { to: 'gadgets', linked: true, description: 'The gadget.' },
    author: { to: 'users', description: 'The author.' },
    reply_to: { to: 'gadget_reviews', description: 'The review that it replies to.' },
    gadget_owner: { to: 'users', description: 'The owner of the gadget.' },
    organization: { to: 'organizations', description: 'The organization whose members see it.' },
  },
  // #endregion
});
