// `links.last_membership_id` is the membership that the account of a link with the purpose `email_undo` got last before the
// change: an undo ends those that came after it. 0 for none, null for links that were made before this migration.

export const sqlite = ['ALTER TABLE links ADD COLUMN last_membership_id INTEGER'];

export const postgres = ['ALTER TABLE links ADD COLUMN last_membership_id bigint'];
