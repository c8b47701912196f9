// The standards that Muster is tested against: an id, one sentence in our words, and its source. Test titles begin with the
// ids. docs/standards.md lists both, and a test checks that every id has a test and every cited id exists.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Standard {
  /** What the tests check, in one sentence. */
  readonly line: string;
  /** A specification with its section, or the documented API. */
  readonly source: string;
}

const jsonApi = (section: string) => `JSON:API 1.1, ${section}`;
const http = (section: string) => `RFC 9110, ${section}`;
const documented = 'The documented API';
const asvs = (sections: string) => `OWASP ASVS 5.0, ${sections}`;
const nist = (section: string) => `NIST SP 800-63B-4, ${section}`;
const reports = 'Reports of other services';
const apiTop10 = (entry: string) => `OWASP API Security Top 10 (2023), ${entry}`;

export const sections: Readonly<Record<string, string>> = {
  A: 'JSON:API',
  B: 'HTTP',
  C: 'Passwords and tokens',
  D: 'API security',
  E: 'Reliability',
  S: 'Sign-in faults of other services',
};

export const standards: Readonly<Record<string, Standard>> = {
  A1: {
    line: 'Every response body has the media type of JSON:API, also for unknown routes and for requests that the HTTP parser refuses.',
    source: `${documented}; ${asvs('4.1.1')}`,
  },
  A2: {
    line: 'A media type parameter other than `ext` and `profile` in Content-Type is 415; `charset=utf-8` and `ext=bulk` are accepted, because clients of the API send them.',
    source: `${jsonApi('Server Responsibilities')}; ${documented}`,
  },
  A3: { line: 'A request body with another media type, or with none, is 415.', source: documented },
  A4: {
    line: 'An unknown extension is 415; an unknown profile is ignored.',
    source: jsonApi('Extensions and Profiles'),
  },
  A5: {
    line: 'A request is 406 only if Accept does not allow JSON:API at all.',
    source: jsonApi('Server Responsibilities'),
  },
  A6: { line: 'Every response has `Vary: Accept`.', source: jsonApi('Server Responsibilities') },
  A7: {
    line: 'A POST with another type is 409; a POST with an id is 403.',
    source: jsonApi('Creating Resources'),
  },
  A8: {
    line: 'A PATCH whose type or id is not that of the URL is 409 and changes nothing.',
    source: jsonApi('Updating Resources'),
  },
  A9: { line: 'A malformed document is 400.', source: jsonApi('Document Structure, Top Level') },
  A10: {
    line: 'A PATCH changes only the attributes that it names, and either all of them or none.',
    source: jsonApi('Updating Resources'),
  },
  A11: {
    line: '`fields[type]` limits a document to the named fields; an unknown field is 400.',
    source: jsonApi('Sparse Fieldsets'),
  },
  A12: {
    line: 'A relationship path that `include` cannot follow is 400.',
    source: jsonApi('Inclusion of Related Resources'),
  },
  A13: {
    line: '`sort` sorts by several attributes, `-` sorts descending, and equal values are sorted by id.',
    source: jsonApi('Sorting'),
  },
  A14: {
    line: 'An unknown filter or operator is 400, and no filter value causes a server error.',
    source: documented,
  },
  A15: {
    line: 'An unknown, badly named or repeated query parameter is 400.',
    source: jsonApi('Query Parameters'),
  },
  A16: {
    line: 'Brackets in parameter names may be percent-encoded.',
    source: jsonApi('Appendix, Square Brackets'),
  },
  A17: {
    line: 'A page has 30 records by default and 200 at most; an invalid page size or number is 400.',
    source: documented,
  },
  A18: {
    line: 'Pagination links are absolute, keep all other parameters, and visit every record once.',
    source: `${documented}; ${jsonApi('Pagination')}`,
  },
  A19: {
    line: 'Cursor pagination neither skips nor repeats a record during concurrent writes; a changed cursor is 400.',
    source: 'JSON:API profile Cursor Pagination',
  },
  A20: {
    line: 'An error document has no data, its statuses are strings, and each violated rule has its own error.',
    source: `${jsonApi('Errors')}; ${documented}`,
  },
  A21: {
    line: 'Creating a record is 201 with Location; deleting it is 204, and 404 the second time.',
    source: jsonApi('Creating, Updating and Deleting Resources'),
  },
  A23: {
    line: 'Documents have no `jsonapi` member, because the documented responses have none.',
    source: documented,
  },

  B1: { line: 'A known path with another method is 405 with Allow.', source: http('section 15.5.6') },
  B2: { line: 'HEAD returns the header fields of GET and no body.', source: http('section 9.3.2') },
  B3: {
    line: 'OPTIONS lists the methods of a path; unknown methods are 501.',
    source: `${http('sections 9.3.7 and 15.6.2')}; RFC 5789, section 3.1`,
  },
  B4: { line: 'A 401 has WWW-Authenticate with its scheme.', source: http('section 15.5.2') },
  B5: {
    line: 'An ETag changes with the body, the fields and the viewer; If-None-Match with the current ETag is 304.',
    source: http('sections 8.8.3 and 15.4.5'),
  },
  B6: {
    line: 'Of parallel writes with the same If-Match, one succeeds; the others are 412.',
    source: http('section 13.1.1'),
  },
  B7: {
    line: 'Preconditions are evaluated last: other errors take precedence over 412.',
    source: http('section 13.2.1'),
  },
  B8: { line: 'A PATCH needs no If-Match.', source: documented },
  B9: {
    line: 'A body, URL or header that is too large is 413, 414 or 431, and the response does not repeat it.',
    source: `${http('sections 15.5.14 and 15.5.15')}; RFC 6585, section 5`,
  },
  B10: {
    line: 'A compressed request is 415, and Accept-Encoding lists the supported codings.',
    source: http('section 15.5.16'),
  },
  B11: {
    line: 'Shared caches do not store responses, and browsers do not guess their type.',
    source: 'OWASP REST Security Cheat Sheet; RFC 9111, section 3.5',
  },
  B12: {
    line: 'CORS is off by default, and only configured origins are allowed.',
    source: 'WHATWG Fetch, CORS protocol',
  },
  B13: {
    line: 'Above the rate limit, a token gets 429 with X-RateLimit-Reset and Retry-After; forwarded addresses have no effect.',
    source: `${documented}; RFC 6585, section 4; ${asvs('4.1.3')}`,
  },
  B14: { line: 'A server error does not reveal its cause.', source: asvs('16.5.1') },
  B15: {
    line: 'Every response has an X-Request-Id; the id of the client is used if it is short and has only safe characters.',
    source: 'Common practice',
  },
  B16: {
    line: 'A retried POST with an Idempotency-Key creates one record; another body with the key is 422, a request in progress 409.',
    source: 'IETF draft httpapi-idempotency-key-header',
  },
  B17: {
    line: 'A request with an ambiguous length or host is 400, and its connection is closed.',
    source: 'RFC 9112, sections 3.2 and 6.3',
  },
  B18: { line: 'A DELETE without a body may have a Content-Type.', source: documented },

  C1: { line: 'The documented password change succeeds.', source: documented },
  C2: {
    line: 'A password has at least 8 characters, or 15 with a setting.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.1')}`,
  },
  C3: {
    line: 'Long passwords are never truncated, and a password that is too long is refused immediately.',
    source: asvs('6.2.8 and 6.2.9'),
  },
  C4: {
    line: 'No rule requires kinds of characters.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.5')}`,
  },
  C5: {
    line: 'Common passwords, those that name the user or the service, and those of data breaches are refused with the reason; the whole password is compared.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.4 and 6.2.12')}`,
  },
  C6: {
    line: 'Passwords are counted in code points, normalized to NFC, and not changed in any other way.',
    source: `${nist('section 3.1.1.2')}; ${asvs('6.2.8')}`,
  },
  C7: {
    line: 'Passwords are hashed with argon2id; a hash with other parameters is replaced at the next right password.',
    source: `OWASP Password Storage Cheat Sheet; ${asvs('11.4.2')}`,
  },
  C8: {
    line: 'The queue of password checks is bounded, and it does not delay other requests.',
    source: apiTop10('API4 Unrestricted Resource Consumption'),
  },
  C9: { line: 'A password change needs the current password.', source: asvs('6.2.3') },
  C10: {
    line: 'After wrong passwords in a row, an account has growing delays; other accounts do not, and no account is locked for ever.',
    source: `${nist('section 3.2.2')}; ${asvs('6.1.1')}`,
  },
  C11: {
    line: 'A sign-in that fails does not show why, or whether there is an account: by its bytes, or by its time.',
    source: asvs('6.3.8'),
  },
  C12: {
    line: 'A link to set a new password has a token of at least 128 random bits that is stored as a hash, works once and for a short time, and leaves the second factor needed.',
    source: asvs('6.4.3'),
  },
  C13: {
    line: 'Tokens have at least 128 random bits, are stored as a hash, and are never logged.',
    source: asvs('7.2.3 and 11.5.1'),
  },
  C14: {
    line: 'A revoked token, or a token of an expired account, is refused from the next request on; a password change ends all other sign-ins.',
    source: asvs('7.4.1 to 7.4.3'),
  },
  C15: {
    line: 'A sign-in ends some time after its last request, and at the latest some time after it was made. Settings say when.',
    source: `${asvs('7.3')}; ${nist('section 2')}`,
  },
  C16: {
    line: 'A changed email is told to the old address, which can undo the change. The token of the account is enough to change it, as documented.',
    source: asvs('6.3.7 and 7.5.1'),
  },

  D1: {
    line: 'A record that the caller may not see gets the same response as a record that does not exist.',
    source: apiTop10('API1 Broken Object Level Authorization'),
  },
  D2: {
    line: 'Attributes that the caller may not write never change, in whatever form they are sent.',
    source: apiTop10('API3 Broken Object Property Level Authorization'),
  },
  D3: {
    line: 'No response contains a secret of another account, a hash or a token.',
    source: apiTop10('API3 Broken Object Property Level Authorization'),
  },
  D4: {
    line: 'Requests that are built to be expensive are refused or answered quickly.',
    source: apiTop10('API4 Unrestricted Resource Consumption'),
  },
  D5: {
    line: 'Every route has an access policy, and it is enforced for every role.',
    source: apiTop10('API5 Broken Function Level Authorization'),
  },
  D6: {
    line: 'The service never fetches a URL that a client sends.',
    source: apiTop10('API7 Server Side Request Forgery'),
  },
  D7: {
    line: 'The OpenAPI description contains exactly the routes that are served.',
    source: apiTop10('API9 Improper Inventory Management'),
  },
  D8: {
    line: 'Who asks for many mails gets few: there are limits for each mailbox and for each client.',
    source: apiTop10('API6 Unrestricted Access to Sensitive Business Flows'),
  },
  D9: {
    line: 'No text of a client becomes SQL, and text that a database cannot store is refused before it.',
    source: apiTop10('API8 Security Misconfiguration'),
  },

  E1: {
    line: 'No acknowledged write is lost when the process is killed.',
    source: 'Jepsen, set test; PostgreSQL, 013_crash_restart.pl',
  },
  E2: {
    line: 'While the database server is down, requests are 503; when it is back, the service continues without a restart, and no acknowledged write is lost.',
    source: asvs('16.5.2'),
  },
  E3: {
    line: 'Settings of the database under which an acknowledged write could be lost are reported.',
    source: 'PostgreSQL, Reliability and the Write-Ahead Log',
  },
  E4: {
    line: 'On a full disk, writes are 503 and reads continue; when there is space, writes continue.',
    source: 'SQLite, I/O error tests',
  },
  E5: {
    line: 'A clock that jumps makes no expired token valid, repeats no ETag and lifts no limit.',
    source: 'Jepsen, clock faults',
  },
  E6: {
    line: 'Stalled clients cannot keep a connection open beyond the timeout.',
    source: apiTop10('API4 Unrestricted Resource Consumption'),
  },
  E8: {
    line: 'For any input, the response is JSON:API and not a server error.',
    source: 'Property-based fuzzing',
  },
  E9: {
    line: 'A migration that is killed leaves no changes, and of several parallel starts only one migrates.',
    source: 'Ory Kratos, migration tests',
  },
  E10: {
    line: 'A backup during writes contains everything that was acknowledged before it.',
    source: 'Common practice',
  },
  E11: {
    line: 'On SIGTERM, requests in flight finish and new requests are refused.',
    source: 'Common practice',
  },
  E12: {
    line: 'Of parallel requests for the same thing, only one succeeds.',
    source: asvs('2.3.4'),
  },
  S8: {
    line: 'Failures delay further attempts by growing times, never for ever, and strangers cannot use up the attempts of the owner.',
    source: `${reports} (keycloak#46164, keycloak#26177)`,
  },
  S9: {
    line: 'Parallel guesses are counted before they are checked: no more of them reach the hash than one after the other.',
    source: `${reports} (keycloak#31726)`,
  },
  S10: {
    line: 'A new password by a link signs nobody in, and leaves a second factor needed.',
    source: `${reports} (flask-security#258, LemmyNet/lemmy#3714, gumroad#4065, pypi/warehouse#5938)`,
  },
  S11: {
    line: 'A link that is only opened, by HEAD or GET, can still be used, and its token is in no log.',
    source: `${reports} (authelia#2994, edalzell/laravel-passwordless-login#79)`,
  },
  S12: {
    line: 'Of parallel requests that use one link, in any process, one succeeds.',
    source: `${reports} (stage-door#128, ever-gauzy#9921)`,
  },
  S13: {
    line: 'A newer link, a new password and another address end every older link to set a password.',
    source: `${reports} (contao#7510, dcrstakepool#320, vanilla#2903)`,
  },
  S14: {
    line: 'A new password by a link ends all sign-ins, and the API tokens on request.',
    source: `${reports} (authorizer#669, kantor#61, medassist-ng#731)`,
  },
  S15: {
    line: 'A request for a link waits for no mail server, and its response is the same for every address.',
    source: `${reports} (keycloak#26625, laravel/framework#13658)`,
  },
  S16: {
    line: 'Every route without a token that takes an email does the same work, whether an account has it or not.',
    source: `${reports} (schautrack#401, ezauth#96)`,
  },
  S17: {
    line: 'The host of links in mails is that of the settings, whatever headers a request has.',
    source: `${reports} (ltb-project/self-service-password#755, Swetrix#114, hackathon-starter#1326)`,
  },
  S18: {
    line: 'A mail about an account goes to the address that is stored, never to one that somebody typed.',
    source: `${reports} (heartcombo/devise#5171, mozilla/fxa#9569)`,
  },
  S19: {
    line: 'Addresses are compared in one way whatever the language of the machine is, and addresses that only look alike are not equal.',
    source: `${reports} (keycloak#52664, fastapi-users#245)`,
  },
  S20: {
    line: 'An address with an invisible character is not the address without it.',
    source: `${reports} (gumroad#6522)`,
  },
  S21: {
    line: 'An invitation is accepted by its address alone: whoever is signed in as another account is refused.',
    source: `${reports} (gitea#24491, avocode#236, ctxpipe#320, cella#1166)`,
  },
  S22: {
    line: 'A link that confirms an address dies with the next change: it never confirms another address.',
    source: `${reports} (aspnet/Identity#1249, cosmetic-product-notifications#2087)`,
  },
  S27: {
    line: 'A sign-in ignores the token that a client already has, and gives another one.',
    source: `${reports} (doretox/atomicvulns#25); OWASP WSTG, session fixation`,
  },
};

const title = /\b(?:test|describe)(?:\.\w+)?\(\s*(['"`])([A-Z]\d+(?:(?:, | and | to )[A-Z]\d+)*)[ :]/g;

/** For each id, the test files below `folder` with a title that begins with it, sorted. */
export function citations(folder: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const file of globSync('**/*.test.ts', { cwd: folder }).sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, , ids] of text.matchAll(title))
      for (const id of ids!.match(/[A-Z]\d+/g)!) found.set(id, (found.get(id) ?? new Set()).add(file));
  }
  return new Map([...found].map(([id, files]) => [id, [...files]]));
}
