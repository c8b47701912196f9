// Context-specific words that a password must not be, because attackers try them first: the names and the email of the
// account, the name and the URL of the service (NIST SP 800-63B-4 section 3.1.1.2). A password is refused if it is one of
// these words, once or repeated. A password that only contains one is accepted.

import { domainToUnicode } from 'node:url';
import { fold } from '../model/text.ts';

export interface Identifier {
  readonly text: string;
  /** The error text if the password equals this word. */
  readonly rule: string;
}

/**
 * @param account a row of `users`, or the attributes of a user that is about to be created
 * @param publicUrl of the service; if it is empty, only the name of the service counts
 */
export function passwordIdentifiers(
  account: Readonly<Record<string, unknown>>,
  publicUrl: string,
): Identifier[] {
  const [email, first, last] = ['email', 'first_name', 'last_name'].map((name) => {
    const value = account[name];
    return typeof value === 'string' ? value : '';
  }) as [string, string, string];
  const hosts = URL.canParse(publicUrl) ? hostsOf(new URL(publicUrl)) : [];
  return [
    { text: email, rule: "can't be your email" },
    { text: email.slice(0, email.lastIndexOf('@')), rule: "can't be the part of your email before the @" },
    ...[first, last, first + last, last + first].map((text) => ({ text, rule: "can't be your name" })),
    { text: 'Muster', rule: "can't be the name of this service" },
    ...hosts.map((text) => ({ text, rule: "can't be the address of this service" })),
  ];
}

/** The host with and without scheme, port and path; also in Unicode if it is an internationalized name. */
function hostsOf({ protocol, hostname, port, pathname }: URL): string[] {
  return [hostname, domainToUnicode(hostname)].flatMap((name) =>
    ['', port, port + pathname].flatMap((rest) => [name + rest, protocol + name + rest]),
  );
}

/** @returns the error text of the first identifier that the password equals, once or repeated; undefined if none does */
export function brokenIdentifier(password: string, identifiers: readonly Identifier[]): string | undefined {
  const bare = bareText(password);
  return identifiers.find(({ text }) => {
    const word = bareText(text);
    return word !== '' && bare !== '' && word.repeat(Math.ceil(bare.length / word.length)) === bare;
  })?.rule;
}

/** The text without case, spaces, punctuation and symbols: the same for `Ann Lee`, `ann.lee` and `ANNLEE`. */
function bareText(text: string): string {
  return fold(text).replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '');
}
