import type { Contents } from '../../../src/open-store.ts';
import { resources } from '../../../src/resources/resources.ts';
import { migrations } from '../../../src/store/migrations/migrations.ts';
import { gadgetReviews } from './gadget-reviews.ts';
import * as gadgetReviewsMigration from './gadget-reviews-migration.ts';
import { gadgets } from './gadgets.ts';
import * as gadgetsMigration from './gadgets-migration.ts';

/** The product's database with the tables of gadgets and their reviews. */
export const withGadgets: Contents = {
  resources: [...resources, gadgets, gadgetReviews],
  migrations: {
    ...migrations,
    '9000-gadgets': gadgetsMigration,
    '9001-gadget-reviews': gadgetReviewsMigration,
  },
};
