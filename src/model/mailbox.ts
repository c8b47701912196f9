// Email addresses, and which of them are one mailbox: domains compare as IDNA has them (UTS #46, nontransitional), whatever
// letters they are written in; what stands before the @ compares without regard to case.

import { domainToASCII, domainToUnicode } from 'node:url';
import { fold } from './text.ts';

export const maxEmailOctets = 254;
const maxLocalOctets = 64;
const maxDomainOctets = 253;

// The WHATWG grammar of a valid email address (html.spec.whatwg.org, "email state"), with letters of any script.
const localPattern = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u;
/** Labels, with any of the four dots of UTS #46. */
const domainPattern = /^[\p{L}\p{M}\p{N}-]+(?:[.\u3002\uFF0E\uFF61][\p{L}\p{M}\p{N}-]+)*$/u;
const asciiLabel = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;
/** Fillers and selectors that count as letters or marks, and are not seen. */
const ignorable = /\p{Default_Ignorable_Code_Point}/u;

/** Octets as in RFC 5321 section 4.5.3.1: 64 before the @, 254 in all; a label of a domain has 63 in ASCII. */
export function isEmail(text: string): boolean {
  if (text.length > maxEmailOctets || Buffer.byteLength(text) > maxEmailOctets) return false;
  const { local, domain } = split(text);
  if (local === undefined || Buffer.byteLength(local) > maxLocalOctets) return false;
  if (!localPattern.test(local) || !domainPattern.test(domain) || ignorable.test(text)) return false;
  const ascii = asciiDomain(domain);
  return ascii !== undefined && ascii.length <= maxDomainOctets && ascii.split('.').every(isLabel);
}

/** Punycode is valid where it stands for something, and is the way to write that (RFC 5891 section 5.4). */
function isLabel(label: string): boolean {
  if (!asciiLabel.test(label)) return false;
  if (!label.startsWith('xn--')) return true;
  const unicode = domainToUnicode(label);
  return unicode !== label && domainToASCII(unicode) === label;
}

/** The text that two addresses share exactly where they are one mailbox: the identity of an account. */
export function mailboxKey(email: string): string {
  if (hasOneForm(email)) return email.toLowerCase();
  const { local, domain } = split(email);
  if (local === undefined) return fold(email);
  return fold(`${local}@${unicodeDomain(domain) ?? domain}`);
}

/**
 * Every key that a mailbox may be found by, the likeliest account first. Of two accounts that are one mailbox by the rule
 * and were made before it, one has the key, and the other its address as it was typed.
 */
export function mailboxKeys(email: string): readonly string[] {
  if (hasOneForm(email)) return [email.toLowerCase()];
  const { local, domain } = split(email);
  const keys = [fold(email), mailboxKey(email)];
  const ascii = local === undefined ? undefined : asciiDomain(domain);
  if (ascii !== undefined) keys.push(fold(`${local}@${ascii}`));
  return [...new Set(keys)];
}

/** A part of an address in the form that keys have: `xn--mller-kva` finds `müller`. */
export function mailboxPart(part: string): string {
  if (part.includes('@')) return mailboxKey(part);
  return fold(part).replaceAll(/xn--[a-z\d-]+/g, (label) => unicodeDomain(label) ?? label);
}

/** ASCII without Punycode differs in case alone: nearly every address, in a tenth of the time. */
function hasOneForm(email: string): boolean {
  return /^[\x20-\x7e]*$/.test(email) && !/xn--/i.test(email);
}

function split(email: string): { local: string | undefined; domain: string } {
  const at = email.lastIndexOf('@');
  return at === -1
    ? { local: undefined, domain: email }
    : { local: email.slice(0, at), domain: email.slice(at + 1) };
}

/** Behind the domain, so that one that ends in a number is not read as an IPv4 address. */
const end = '.a';

/** In ASCII and lower case; undefined where it is no domain. */
function asciiDomain(domain: string): string | undefined {
  // Node reads the host of a URL, which would decode % and end at the others.
  if (domain === '' || /[\s%/\\?#:@]/.test(domain)) return undefined;
  const ascii = domainToASCII(domain + end);
  return ascii === '' ? undefined : ascii.slice(0, -end.length);
}

/** The form that people read. */
function unicodeDomain(domain: string): string | undefined {
  const ascii = asciiDomain(domain);
  return ascii === undefined ? undefined : domainToUnicode(ascii + end).slice(0, -end.length);
}
