// The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header, section 2.1): a string in quotes, as in structured
// fields (RFC 9651 section 3.3.3). Clients of other services send it without quotes; this is accepted too.

import { ApiError } from '../../errors.ts';

const maxLength = 255;

const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** Visible ASCII without commas and spaces, which would mean that there are several headers. */
const bare = /^[!#-+\--[\]-~]+$/;

/**
 * @returns the key without its quotes; null if there is no header
 * @throws ApiError malformed_request
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  const text = String(header).trim();
  const key = quoted.exec(text)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? bare.exec(text)?.[0] ?? '';
  if (key === '' || key.length > maxLength)
    throw new ApiError('malformed_request', {
      detail: `Idempotency-Key must be one key of 1 to ${maxLength} ASCII characters, such as a UUID; put it in quotes if it contains spaces or commas`,
    });
  return key;
}
