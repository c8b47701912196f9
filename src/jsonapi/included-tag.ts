// Entity tags of documents with included records: the tag of the primary record, and behind a semicolon what is included. A
// GET compares the whole tag. A write is about the primary record alone, and compares its part.

const separator = ';';

/** @param digest of all that is included; neither has a semicolon */
export function tagWithIncluded(etag: string, digest: string): string {
  return `${etag.slice(0, -1)}${separator}${digest}"`;
}

/** The part of the primary record. */
export function primaryTag(etag: string): string {
  const end = etag.indexOf(separator);
  return end === -1 ? etag : `${etag.slice(0, end)}"`;
}
