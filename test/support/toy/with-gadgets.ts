import type { Contents } from '../../../src/open-store.ts';
import { resources } from '../../../src/resources/resources.ts';
import { migrations } from '../../../src/store/migrations/migrations.ts';
import { gadgets } from './gadgets.ts';
import * as gadgetsMigration from './gadgets-migration.ts';

/** The product's database with the table of gadgets. */
export const withGadgets: Contents = {
  resources: [...resources, gadgets],
  migrations: { ...migrations, '9000-gadgets': gadgetsMigration },
};
