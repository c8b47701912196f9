// What a password may not be, since whoever guesses tries it first: the account's own names and addresses, and the
// service's (NIST SP 800-63B-4 section 3.1.1.2, context-specific words). The whole password is compared, never a part; the
// same word several times is that word.

import { domainToUnicode } from 'node:url';
import { fold } from '../model/text.ts';

export interface Identifier {
  readonly text: string;
  /** What is wrong with a password that is the same. */
  readonly rule: string;
}

/**
 * @param account a row of `users`, or what is known of one that is not made yet
 * @param service its settings; an empty URL has no host
 */
export function passwordIdentifiers(
  account: Readonly<Record<string, unknown>>,
  service: { readonly publicUrl: string },
): Identifier[] {
  const [email, first, last] = ['email', 'first_name', 'last_name'].map((name) => {
    const value = account[name];
    return typeof value === 'string' ? value : '';
  }) as [string, string, string];
  const hosts = URL.canParse(service.publicUrl) ? hostsOf(new URL(service.publicUrl)) : [];
  return [
    { text: email, rule: "can't be your email" },
    { text: email.slice(0, email.lastIndexOf('@')), rule: "can't be the part of your email before the @" },
    ...[first, last, first + last, last + first].map((text) => ({ text, rule: "can't be your name" })),
    { text: 'Muster', rule: "can't be the name of this service" },
    ...hosts.map((text) => ({ text, rule: "can't be the address of this service" })),
  ];
}

/** With and without what stands around it in the URL. */
function hostsOf({ protocol, hostname, port, pathname }: URL): string[] {
  return [hostname, domainToUnicode(hostname)].flatMap((name) =>
    ['', port, port + pathname].flatMap((rest) => [name + rest, protocol + name + rest]),
  );
}

/** The rule that a password breaks by being one of the identifiers, once or several times over. */
export function brokenIdentifier(password: string, identifiers: readonly Identifier[]): string | undefined {
  const bare = bareText(password);
  return identifiers.find(({ text }) => {
    const word = bareText(text);
    return word !== '' && bare !== '' && word.repeat(Math.ceil(bare.length / word.length)) === bare;
  })?.rule;
}

/** Without regard to case, spaces, punctuation and symbols: `Ann Lee`, `ann.lee` and `ANNLEE` are the same. */
function bareText(text: string): string {
  return fold(text).replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '');
}
