// Compares the entity tags in If-Match and If-None-Match with the strong tag of a record (RFC 9110 section 13.1).

/** The part of a client's tag that is compared. */
export type TagPart = (tag: string) => string;

const wholeTag: TagPart = (tag) => tag;

function listed(header: string, etag: string, part: TagPart, weakly: boolean): boolean {
  if (header.trim() === '*') return true;
  // Splitting at commas is safe, because our tags contain none.
  return header.split(',').some((item) => {
    const tag = item.trim();
    return part(tag) === etag || (weakly && tag.startsWith('W/') && part(tag.slice(2)) === etag);
  });
}

/** Strong comparison: a weak tag never matches. True if there is no header. */
export function ifMatch(header: string | undefined, etag: string, part: TagPart = wholeTag): boolean {
  return header === undefined || listed(header, etag, part, false);
}

/** Weak comparison. True if a tag matches: then a GET answers 304, and a write fails. False if there is no header. */
export function ifNoneMatch(header: string | undefined, etag: string, part: TagPart = wholeTag): boolean {
  return header !== undefined && listed(header, etag, part, true);
}
