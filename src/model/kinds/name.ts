// Names of people, organizations and tokens: stored in NFC, with at least one visible character, on one line.

import { type Kind, searching } from '../kind.ts';
import { codePoints, fold, hasControls, isBlank, isStorableText, normalized } from '../text.ts';
import { checkString, notAllowed, tooLong, writeString } from './text.ts';

const maxNameLength = 255;

export const personName: Kind<string> = {
  name: 'text',
  column: 'text',
  operators: searching,
  folded: 'search',
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
  key: fold,
  readFilter: (text) => (isStorableText(text) ? { exact: text.normalize('NFC') } : undefined),
  readPart: (text) => (isStorableText(text) ? text : undefined),
  write: writeString,
  schema: { type: 'string', minLength: 1, maxLength: maxNameLength, examples: ['Ann'] },
};

export const organizationName = personName;
export const tokenName = personName;
