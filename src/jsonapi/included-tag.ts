// ETags of documents with included records: the ETag of the primary record, a semicolon, and a digest of the included
// records. A GET compares the whole ETag. A write changes only the primary record, so it compares only that part.

const separator = ';';

/** @param digest digest of all included records; neither part contains a semicolon */
export function tagWithIncluded(etag: string, digest: string): string {
  return `${etag.slice(0, -1)}${separator}${digest}"`;
}

/** The part of the ETag for the primary record. */
export function primaryTag(etag: string): string {
  const end = etag.indexOf(separator);
  return end === -1 ? etag : `${etag.slice(0, end)}"`;
}
