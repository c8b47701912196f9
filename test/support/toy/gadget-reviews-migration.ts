// The table of reviews, and the triggers for the value that a review shows of its gadget: the id of the owner.

import { gadgetReviews } from './gadget-reviews.ts';
import { makeTable } from './make-table.ts';

const tables = makeTable(gadgetReviews);

export const sqlite = [
  ...tables.sqlite,
  ...['UPDATE OF owner_id', 'DELETE'].map(
    (act) => `CREATE TRIGGER reviewed_gadgets_${act.slice(0, 6)} AFTER ${act} ON gadgets BEGIN
      UPDATE collections SET version = version + 1, shown_version = shown_version + 1 WHERE name = 'gadget_reviews';
    END`,
  ),
];

export const postgres = [
  ...tables.postgres,
  `CREATE FUNCTION reviewed_gadgets_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO collections AS kept (name, slot, row_count, version, shown_version)
        VALUES ('gadget_reviews', pg_backend_pid() % 128, 0, 1, 1)
        ON CONFLICT (name, slot) DO UPDATE
          SET version = kept.version + 1, shown_version = kept.shown_version + 1;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER reviewed_gadgets_changed AFTER UPDATE OF owner_id OR DELETE ON gadgets
    FOR EACH ROW EXECUTE FUNCTION reviewed_gadgets_changed()`,
];
