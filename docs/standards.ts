// The standards that Muster is tested against: an id, the line in our words, and where it comes from. Test titles begin
// with the ids; the page docs/standards.md lists both, and a test holds that neither side misses the other.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Standard {
  /** The line that tests hold, one sentence. */
  readonly line: string;
  /** A specification with its section, or where the documented API decides. */
  readonly source: string;
}

const jsonApi = (section: string) => `JSON:API 1.1, ${section}`;
const http = (section: string) => `RFC 9110, ${section}`;
const documented = 'The documented API';
const asvs = (sections: string) => `OWASP ASVS 5.0, ${sections}`;
const nist = (section: string) => `NIST SP 800-63B-4, ${section}`;
const apiTop10 = (entry: string) => `OWASP API Security Top 10 (2023), ${entry}`;

export const sections: Readonly<Record<string, string>> = {
  A: 'JSON:API',
  B: 'HTTP',
  C: 'Passwords and tokens',
  D: 'API security',
  E: 'Reliability',
  S: 'Sign-in, what went wrong elsewhere',
};

export const standards: Readonly<Record<string, Standard>> = {
  A1: {
    line: 'Every body has the media type of JSON:API, also for unknown routes and for what the HTTP parser refuses.',
    source: `${documented}; ${asvs('4.1.1')}`,
  },
  A2: {
    line: 'A media type parameter other than `ext` and `profile` in Content-Type is 415; `charset=utf-8` and `ext=bulk` are accepted, as clients of the API send them.',
    source: `${jsonApi('Server Responsibilities')}; ${documented}`,
  },
  A3: { line: 'A body with another media type, or with none, is 415.', source: documented },
  A4: {
    line: 'An unknown extension is 415; an unknown profile is ignored.',
    source: jsonApi('Extensions and Profiles'),
  },
  A5: {
    line: 'A request is 406 only if Accept admits no JSON:API at all.',
    source: jsonApi('Server Responsibilities'),
  },
  A6: { line: 'Every answer varies by Accept.', source: jsonApi('Server Responsibilities') },
  A7: {
    line: 'A POST with another type is 409; one with an id is 403.',
    source: jsonApi('Creating Resources'),
  },
  A8: {
    line: 'A PATCH whose type or id is not that of the URL is 409 and changes nothing.',
    source: jsonApi('Updating Resources'),
  },
  A9: { line: 'A malformed document is 400.', source: jsonApi('Document Structure, Top Level') },
  A10: {
    line: 'A PATCH changes the attributes that it names, all of them or none.',
    source: jsonApi('Updating Resources'),
  },
  A11: {
    line: '`fields[type]` reduces a document to the named fields; an unknown field is 400.',
    source: jsonApi('Sparse Fieldsets'),
  },
  A12: {
    line: 'A relationship path that `include` cannot follow is 400.',
    source: jsonApi('Inclusion of Related Resources'),
  },
  A13: {
    line: '`sort` orders by several attributes, `-` descends, and ties are broken by id.',
    source: jsonApi('Sorting'),
  },
  A14: {
    line: 'An unknown filter or operator is 400, and no value of a filter is a server error.',
    source: documented,
  },
  A15: {
    line: 'An unknown, ill-named or repeated query parameter is 400.',
    source: jsonApi('Query Parameters'),
  },
  A16: {
    line: 'Brackets in parameter names may be percent-encoded.',
    source: jsonApi('Appendix, Square Brackets'),
  },
  A17: {
    line: 'A page has 30 records by default and 200 at most; sizes and numbers that are none are 400.',
    source: documented,
  },
  A18: {
    line: 'Pagination links are absolute, keep all other parameters, and lead through every record once.',
    source: `${documented}; ${jsonApi('Pagination')}`,
  },
  A19: {
    line: 'A walk by cursor neither skips nor repeats a record while others write; a cursor that was altered is 400.',
    source: 'JSON:API profile Cursor Pagination',
  },
  A20: {
    line: 'An errors document has no data, its statuses are strings, and each broken rule has an error of its own.',
    source: `${jsonApi('Errors')}; ${documented}`,
  },
  A21: {
    line: 'A creation answers 201 with Location; a deletion answers 204, and 404 when it is repeated.',
    source: jsonApi('Creating, Updating and Deleting Resources'),
  },
  A23: {
    line: 'Documents have no `jsonapi` member, as the documented answers have none.',
    source: documented,
  },

  B1: { line: 'A known path with another method is 405 with Allow.', source: http('section 15.5.6') },
  B2: { line: 'HEAD has the header fields of GET and no body.', source: http('section 9.3.2') },
  B3: {
    line: 'OPTIONS lists the methods of a path; unknown methods are 501.',
    source: `${http('sections 9.3.7 and 15.6.2')}; RFC 5789, section 3.1`,
  },
  B4: { line: 'A 401 names its scheme in WWW-Authenticate.', source: http('section 15.5.2') },
  B5: {
    line: 'An entity tag changes with the body, the fields and the reader; If-None-Match with the current one is 304.',
    source: http('sections 8.8.3 and 15.4.5'),
  },
  B6: {
    line: 'Of parallel writes with the same If-Match one succeeds; the others are 412.',
    source: http('section 13.1.1'),
  },
  B7: {
    line: 'What would fail anyway fails before a precondition is looked at.',
    source: http('section 13.2.1'),
  },
  B8: { line: 'A PATCH needs no If-Match.', source: documented },
  B9: {
    line: 'A body, URL or header that is too large is 413, 414 or 431, and is not echoed.',
    source: `${http('sections 15.5.14 and 15.5.15')}; RFC 6585, section 5`,
  },
  B10: {
    line: 'A compressed request is 415 and Accept-Encoding says what is understood.',
    source: http('section 15.5.16'),
  },
  B11: {
    line: 'Answers are kept by nobody but their reader, and their type is not guessed.',
    source: 'OWASP REST Security Cheat Sheet; RFC 9111, section 3.5',
  },
  B12: {
    line: 'CORS is off by default, and only origins of the list are allowed.',
    source: 'WHATWG Fetch, CORS protocol',
  },
  B13: {
    line: 'Above the rate limit a token is answered 429 with X-RateLimit-Reset and Retry-After; forwarded addresses change nothing.',
    source: `${documented}; RFC 6585, section 4; ${asvs('4.1.3')}`,
  },
  B14: { line: 'A server error says nothing of its cause.', source: asvs('16.5.1') },
  B15: {
    line: 'Every answer has an X-Request-Id; one that a client sends is taken over if it is short and harmless.',
    source: 'Common practice',
  },
  B16: {
    line: 'A POST with an Idempotency-Key that is repeated makes one record; another body with the key is 422, one in progress 409.',
    source: 'IETF draft httpapi-idempotency-key-header',
  },
  B17: {
    line: 'A request whose length or host is ambiguous is 400, and its connection is closed.',
    source: 'RFC 9112, sections 3.2 and 6.3',
  },
  B18: { line: 'A DELETE without a body may have a Content-Type.', source: documented },

  C1: { line: 'The documented password change succeeds.', source: documented },
  C2: {
    line: 'A password has 8 characters at least, or 15 by a setting.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.1')}`,
  },
  C3: {
    line: 'Long passwords are accepted whole, and one that is too long is refused at once.',
    source: asvs('6.2.8 and 6.2.9'),
  },
  C4: {
    line: 'No rule asks for kinds of characters.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.5')}`,
  },
  C5: {
    line: 'Passwords that are common, or say who one is, are refused with the reason; the whole password is compared.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.4')}`,
  },
  C6: {
    line: 'Passwords are counted in code points and normalised to NFC, and are otherwise taken as typed.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.8')}`,
  },
  C7: {
    line: 'Passwords are hashed with argon2id, and hashes of other parameters are replaced at the next right password.',
    source: `OWASP Password Storage Cheat Sheet; ${asvs('11.4.2')}`,
  },
  C8: {
    line: 'The queue of password checks is bounded, and other requests do not wait for it.',
    source: apiTop10('API4 Unrestricted Resource Consumption'),
  },
  C9: { line: 'A password change needs the current password.', source: asvs('6.2.3') },
  C10: {
    line: 'Wrong passwords in a row are slowed by growing delays, for each account by itself and never for good.',
    source: `${nist('section 3.2.2')}; ${asvs('6.1.1')}`,
  },
  C13: {
    line: 'Tokens have 128 random bits and more, are kept as a hash, and reach no log.',
    source: asvs('7.2.3 and 11.5.1'),
  },
  C14: {
    line: 'A token that is revoked, or whose account ends, is refused from the next request on; a password change ends the other sign-ins.',
    source: asvs('7.4.1 to 7.4.3'),
  },

  D1: {
    line: 'A record that the caller may not see is answered as one that does not exist.',
    source: apiTop10('API1 Broken Object Level Authorization'),
  },
  D2: {
    line: 'Attributes that the caller may not write stay as they are, in whatever form they are sent.',
    source: apiTop10('API3 Broken Object Property Level Authorization'),
  },
  D3: {
    line: 'No answer holds a secret of another account, a hash or a token.',
    source: apiTop10('API3 Broken Object Property Level Authorization'),
  },
  D4: {
    line: 'Requests that are made to cost much are refused, or answered soon.',
    source: apiTop10('API4 Unrestricted Resource Consumption'),
  },
  D5: {
    line: 'Every route has a policy, and every role is held to it.',
    source: apiTop10('API5 Broken Function Level Authorization'),
  },
  D6: {
    line: 'No URL that a client sends is ever fetched.',
    source: apiTop10('API7 Server Side Request Forgery'),
  },
  D7: {
    line: 'The OpenAPI description has exactly the routes that are served.',
    source: apiTop10('API9 Improper Inventory Management'),
  },
  D9: {
    line: 'No text of a client becomes SQL, and text that a database refuses is refused first.',
    source: apiTop10('API8 Security Misconfiguration'),
  },

  E1: {
    line: 'No acknowledged write is lost when the process is killed.',
    source: 'Jepsen, set test; PostgreSQL, 013_crash_restart.pl',
  },
  E4: {
    line: 'On a full disk writes are 503 and reads go on; when there is space, writes go on.',
    source: 'SQLite, I/O error tests',
  },
  E5: {
    line: 'A clock that jumps revives no token, repeats no entity tag and opens no limit.',
    source: 'Jepsen, clock faults',
  },
  E6: {
    line: 'Clients that stall hold no connection beyond its time limit.',
    source: apiTop10('API4 Unrestricted Resource Consumption'),
  },
  E8: {
    line: 'Whatever is sent, the answer is JSON:API and no server error.',
    source: 'Property-based fuzzing',
  },
  E9: {
    line: 'A migration that is killed leaves nothing behind, and of several starts one migrates.',
    source: 'Ory Kratos, migration tests',
  },
  E10: {
    line: 'A backup that is taken while others write holds all that was acknowledged before it.',
    source: 'Common practice',
  },
  E11: {
    line: 'On SIGTERM requests in flight are finished and new ones refused.',
    source: 'Common practice',
  },
  E12: {
    line: 'Of parallel requests that want the same thing one succeeds.',
    source: asvs('2.3.4'),
  },
};

const title = /\b(?:test|describe)(?:\.\w+)?\(\s*(['"`])([A-Z]\d+(?:(?:, | and | to )[A-Z]\d+)*)[ :]/g;

/** The test files whose titles begin with each id, below `folder`, in order. */
export function citations(folder: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const file of globSync('**/*.test.ts', { cwd: folder }).sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, , ids] of text.matchAll(title))
      for (const id of ids!.match(/[A-Z]\d+/g)!) found.set(id, (found.get(id) ?? new Set()).add(file));
  }
  return new Map([...found].map(([id, files]) => [id, [...files]]));
}
