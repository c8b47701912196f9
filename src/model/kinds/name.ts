// Names of people, organizations and sessions: stored in NFC, with at least one visible character, on one line.

import { equality, type Kind, searching } from '../kind.ts';
import { codePoints, fold, hasControls, isBlank, isStorableText, normalized } from '../text.ts';
import { checkString, notAllowed, tooLong, writeString } from './text.ts';

const maxNameLength = 255;

export const sessionName: Kind<string> = {
  name: 'text',
  column: 'text',
  operators: equality,
  check(value) {
    const text = checkString(value);
    if (typeof text !== 'string') return text;
    const name = normalized(text, maxNameLength);
    const violations: string[] = [];
    if (isBlank(text)) violations.push("can't be blank");
    else if (hasControls(text)) violations.push(notAllowed);
    if (name === undefined || codePoints(name) > maxNameLength) violations.push(tooLong(maxNameLength));
    return violations.length === 0 ? { value: name! } : { violations };
  },
  readFilter: (text) => (isStorableText(text) ? { exact: text.normalize('NFC') } : undefined),
  write: writeString,
  schema: { type: 'string', minLength: 1, maxLength: maxNameLength, examples: ['Ann'] },
};

/** An id in another system. */
export const externalIdentifier = sessionName;

export const personName: Kind<string> = {
  ...sessionName,
  operators: searching,
  folded: 'search',
  key: fold,
  readPart: (text) => (isStorableText(text) ? text : undefined),
};

/** The name of somebody who may not be known by name: empty if it is not given. */
export const personNameOrEmpty: Kind<string> = {
  ...personName,
  check: (value, zone) => (value === '' ? { value } : personName.check(value, zone)),
  schema: { ...personName.schema, minLength: 0 },
};

export const organizationName = personName;
