import { type ErrorObject, errorKinds } from '../errors.ts';

/** An errors document; every object has all its members, in this order. */
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
