// Email addresses. Different forms of one mailbox, for example in upper case, count as equal.

import { type Kind, refused, searching } from '../kind.ts';
import { isEmail, mailboxKey, mailboxKeys, mailboxPart, maxEmailOctets } from '../mailbox.ts';
import { isBlank, isStorableText, normalized } from '../text.ts';
import { checkString, writeString } from './text.ts';

/** The address of an account. No two accounts have the same mailbox. */
export const email: Kind<string> = {
  name: 'email',
  column: 'text',
  operators: searching,
  folded: 'identity',
  hasNoSpaces: true,
  check(value) {
    const text = checkString(value);
    if (typeof text !== 'string') return text;
    if (isBlank(text)) return refused("can't be blank");
    const address = normalized(text, maxEmailOctets);
    return address !== undefined && isEmail(address) ? { value: address } : refused('is not an email');
  },
  key: mailboxKey,
  keys: mailboxKeys,
  readFilter: (text) => (isStorableText(text) ? { anyOf: mailboxKeys(text) } : undefined),
  readPart: (text) => (isStorableText(text) ? mailboxPart(text) : undefined),
  write: writeString,
  // No `format`: `email` means ASCII only, and few validators know `idn-email`.
  schema: { type: 'string', maxLength: maxEmailOctets, examples: ['ann@example.com'] },
};

/** The address of somebody who may be in the collection more than once. */
export const sharedEmail: Kind<string> = { ...email, folded: 'comparison' };
