// RFC 9110 section 13.1: the lists of If-Match and If-None-Match against one strong entity tag.

function listed(header: string, etag: string, weakly: boolean): boolean {
  if (header.trim() === '*') return true;
  // Our tags hold no commas, so the list can be split at them.
  return header.split(',').some((item) => {
    const tag = item.trim();
    return tag === etag || (weakly && tag.startsWith('W/') && tag.slice(2) === etag);
  });
}

/** Strong comparison: a weak tag never matches. True where there is no header. */
export function ifMatch(header: string | undefined, etag: string): boolean {
  return header === undefined || listed(header, etag, false);
}

export function ifNoneMatch(header: string | undefined, etag: string): boolean {
  return header !== undefined && listed(header, etag, true);
}
