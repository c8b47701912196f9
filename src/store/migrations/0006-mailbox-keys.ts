// Emails have one key a mailbox, however their domain is written, and emails and names are in NFC. SQL knows neither rule:
// the rows are brought to them by `rekey-users.ts`, in the transaction of this migration.

export const rekeysUsers = true;
