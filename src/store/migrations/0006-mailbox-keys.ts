// All forms of an email address that name the same mailbox get the same key, and emails and names are normalized to
// NFC. SQL cannot do this, so `rekey-users.ts` updates the rows, in the transaction of this migration.

export const rekeysUsers = true;
