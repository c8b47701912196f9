// Calls the API of the service that this page belongs to.

// Relative to this script, because the service may be below a path of a reverse proxy.
const api = new URL('../api/v2/', import.meta.url);

const mediaType = 'application/vnd.api+json';

const timeLimitMs = 30_000;

/**
 * @typedef {object} ApiError
 * @property {string} code
 * @property {string} detail
 * @property {{ pointer?: string }} [source]
 *
 * @typedef {object} Answer
 * @property {number} status 0 if there was no answer
 * @property {any} data
 * @property {any} meta
 * @property {readonly ApiError[]} errors
 * @property {number | null} retryAfterSeconds
 */

/**
 * @param {'GET' | 'POST' | 'PATCH' | 'DELETE'} method
 * @param {readonly string[]} path its segments
 * @param {Record<string, unknown>} [attributes] the first segment of the path is their type
 * @param {string} [authToken]
 * @returns {Promise<Answer>}
 */
export async function call(method, path, attributes, authToken) {
  /** @type {Record<string, string>} */
  const headers = { Accept: mediaType };
  if (attributes !== undefined) headers['Content-Type'] = mediaType;
  if (authToken !== undefined) headers['X-Auth-Token'] = authToken;
  try {
    const response = await fetch(new URL(path.map(encodeURIComponent).join('/'), api), {
      method,
      headers,
      body: attributes === undefined ? null : JSON.stringify({ data: { type: path[0], attributes } }),
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(timeLimitMs),
    });
    const { data = null, meta = {}, errors = [] } = documentIn(await response.text());
    const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    return {
      status: response.status,
      data,
      meta,
      errors,
      retryAfterSeconds: Number.isNaN(retryAfter) ? null : retryAfter,
    };
  } catch {
    return { status: 0, data: null, meta: {}, errors: [], retryAfterSeconds: null };
  }
}

/** @param {string} text not a document if a proxy has answered */
function documentIn(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
