import { type ErrorObject, errorKinds } from '../errors.ts';

/** Writes a JSON:API errors document. Every error object has all members, in this order. */
export function errorsDocument(errors: readonly ErrorObject[]): string {
  return JSON.stringify({
    errors: errors.map(({ code, detail, meta, source }) => ({
      status: String(errorKinds[code].status),
      code,
      title: errorKinds[code].title,
      detail,
      meta,
      source,
    })),
  });
}
