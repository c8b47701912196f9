// Signs in to Muster and sends requests, in a page of a browser or in Node.

export class MusterClient {
  #url;
  // In memory alone, so that it ends with the page.
  #token = null;

  /** @param url such as `https://users.example.com/api/v2` */
  constructor(url) {
    this.#url = url;
  }

  get isSignedIn() {
    return this.#token !== null;
  }

  /** @returns the session, without its token */
  async signIn(email, password) {
    const attributes = { email, password };
    const { data } = await this.request('POST', '/sessions', { type: 'sessions', attributes });
    const { token, ...shown } = data.attributes;
    this.#token = token;
    return { id: data.id, ...shown };
  }

  async signOut() {
    await this.request('DELETE', '/sessions/current');
    this.#token = null;
  }

  /**
   * @param data the `data` of the document to send
   * @returns the document of the response; null if there is none
   * @throws Error with `status`, `code` and `retryAfterSeconds` (null if the response has none)
   */
  async request(method, path, data) {
    const response = await fetch(this.#url + path, {
      method,
      headers: {
        Accept: 'application/vnd.api+json',
        ...(this.#token && { 'X-Auth-Token': this.#token }),
        ...(data && { 'Content-Type': 'application/vnd.api+json' }),
      },
      body: data && JSON.stringify({ data }),
    });
    if (response.status === 204) return null;
    const document = await response.json();
    if (response.ok) return document;
    const [{ code, detail }] = document.errors;
    // The session has ended: ask for the password again.
    if (code === 'invalid_auth_token') this.#token = null;
    const retryAfter = response.headers.get('Retry-After');
    const retryAfterSeconds = retryAfter === null ? null : Number(retryAfter);
    throw Object.assign(new Error(detail), { status: response.status, code, retryAfterSeconds });
  }
}
