// The format of an imported hash stays known after the first right password has replaced the hash.

const importedFormat = 'ALTER TABLE passwords ADD COLUMN imported_format text';

export const sqlite = [importedFormat];

export const postgres = [importedFormat];
