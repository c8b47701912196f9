// Email addresses, and which of them name the same mailbox. Domains are compared by IDNA (UTS #46, nontransitional),
// so Unicode and Punycode are equal. The part before the @ is compared without regard to case.

import { domainToASCII, domainToUnicode } from 'node:url';
import { fold } from './text.ts';

export const maxEmailOctets = 254;
const maxLocalOctets = 64;
const maxDomainOctets = 253;

// The WHATWG grammar of a valid email address (html.spec.whatwg.org, "email state"), plus letters of any script.
const localPattern = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u;
/** Labels, separated by any of the four dots of UTS #46. */
const domainPattern = /^[\p{L}\p{M}\p{N}-]+(?:[.\u3002\uFF0E\uFF61][\p{L}\p{M}\p{N}-]+)*$/u;
const asciiLabel = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;
/** Invisible characters that Unicode classifies as letters or marks. */
const ignorable = /\p{Default_Ignorable_Code_Point}/u;

/**
 * Limits in octets (RFC 5321 section 4.5.3.1): 64 before the @, 254 in total; 63 for each label of the domain, in
 * ASCII.
 */
export function isEmail(text: string): boolean {
  if (text.length > maxEmailOctets || Buffer.byteLength(text) > maxEmailOctets) return false;
  const { local, domain } = split(text);
  if (local === undefined || Buffer.byteLength(local) > maxLocalOctets) return false;
  if (!localPattern.test(local) || !domainPattern.test(domain) || ignorable.test(text)) return false;
  const ascii = asciiDomain(domain);
  return ascii !== undefined && ascii.length <= maxDomainOctets && ascii.split('.').every(isLabel);
}

/** A Punycode label must decode to Unicode, and must be the canonical encoding of it (RFC 5891 section 5.4). */
function isLabel(label: string): boolean {
  if (!asciiLabel.test(label)) return false;
  if (!label.startsWith('xn--')) return true;
  const unicode = domainToUnicode(label);
  return unicode !== label && domainToASCII(unicode) === label;
}

/** The identity of an account: equal for two addresses if and only if they name the same mailbox. */
export function mailboxKey(email: string): string {
  if (hasOneForm(email)) return email.toLowerCase();
  const { local, domain } = split(email);
  if (local === undefined) return fold(email);
  return fold(`${local}@${unicodeDomain(domain) ?? domain}`);
}

/**
 * Whether mail for one address certainly arrives at the other too: they differ in the case of ASCII letters, or in how the
 * domain is written. Keys are equal for more, such as é and É, which a mail server may tell apart.
 */
export function isSameMailbox(one: string, other: string): boolean {
  return one === other || certainKey(one) === certainKey(other);
}

function certainKey(email: string): string {
  const { local, domain } = split(email);
  if (local === undefined) return email;
  return `${local.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())}@${unicodeDomain(domain) ?? domain}`;
}

/**
 * All keys under which an account with this mailbox may be stored, most likely first. Older versions allowed two
 * accounts with the same mailbox. Then one has the mailbox's key, and the other the folded address as it was typed.
 */
export function mailboxKeys(email: string): readonly string[] {
  if (hasOneForm(email)) return [email.toLowerCase()];
  const { local, domain } = split(email);
  const keys = [fold(email), mailboxKey(email)];
  const ascii = local === undefined ? undefined : asciiDomain(domain);
  if (ascii !== undefined) keys.push(fold(`${local}@${ascii}`));
  return [...new Set(keys)];
}

/** Converts a part of an address to the form that keys have, for search: `xn--mller-kva` finds `müller`. */
export function mailboxPart(part: string): string {
  if (part.includes('@')) return mailboxKey(part);
  return fold(part).replaceAll(/xn--[a-z\d-]+/g, (label) => unicodeDomain(label) ?? label);
}

/**
 * ASCII without Punycode can differ only in case. This fast path covers nearly every address and takes a tenth of the
 * time.
 */
function hasOneForm(email: string): boolean {
  return /^[\x20-\x7e]*$/.test(email) && !/xn--/i.test(email);
}

function split(email: string): { local: string | undefined; domain: string } {
  const at = email.lastIndexOf('@');
  return at === -1
    ? { local: undefined, domain: email }
    : { local: email.slice(0, at), domain: email.slice(at + 1) };
}

/** Appended to the domain, so that a domain that ends in a number is not read as an IPv4 address. */
const end = '.a';

/** The domain in ASCII and lower case; undefined if it is not valid. */
function asciiDomain(domain: string): string | undefined {
  // Node parses the domain as the host of a URL: it would decode % and stop at the other characters.
  if (domain === '' || /[\s%/\\?#:@]/.test(domain)) return undefined;
  const ascii = domainToASCII(domain + end);
  return ascii === '' ? undefined : ascii.slice(0, -end.length);
}

/** The domain in Unicode, as people read it. */
function unicodeDomain(domain: string): string | undefined {
  const ascii = asciiDomain(domain);
  return ascii === undefined ? undefined : domainToUnicode(ascii + end).slice(0, -end.length);
}
