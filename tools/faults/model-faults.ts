// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in the kinds of attributes.

import type { Fault } from '../faults.ts';

export const modelFaults: readonly Fault[] = [
  {
    name: 'a number that must be kept is taken for the name of a member',
    file: 'src/model/json.ts',
    find: ' && !isName(text, i + 1)',
    replace: '',
    tests: ['test/model/json.test.ts'],
  },
  {
    name: 'JSON has any number of members',
    file: 'src/model/json.ts',
    find: 'members > maxMembers',
    replace: 'members > 2 * maxMembers',
    tests: ['test/model/json.test.ts'],
  },
  {
    name: 'an email of 255 bytes is accepted',
    file: 'src/model/mailbox.ts',
    find: 'text.length > maxEmailOctets || Buffer.byteLength(text) > maxEmailOctets',
    replace: 'text.length > maxEmailOctets + 1',
    tests: ['test/model/mailbox.test.ts'],
  },
  {
    name: 'emails that differ only in case are two mailboxes',
    file: 'src/model/mailbox.ts',
    find: 'if (hasOneForm(email)) return email.toLowerCase();',
    replace: 'if (hasOneForm(email)) return email;',
    tests: ['test/model/mailbox.test.ts', 'test/store/store-contract.test.ts'],
  },
  {
    name: 'an id above the largest safe integer is accepted',
    file: 'src/model/id.ts',
    find: 'return Number.isSafeInteger(id) && id >= 1 ? id : null;',
    replace: 'return id >= 1 ? id : null;',
    tests: ['test/model/id.test.ts'],
  },
  {
    name: 'a name one character too long is accepted',
    file: 'src/model/kinds/name.ts',
    find: 'codePoints(name) > maxNameLength',
    replace: 'codePoints(name) > maxNameLength + 1',
    tests: ['test/model/kind.test.ts'],
  },
  {
    name: 'the size of JSON is counted in characters instead of bytes',
    file: 'src/model/kinds/json.ts',
    find: 'Buffer.byteLength(json) > options.maxBytes',
    replace: 'json.length > options.maxBytes',
    tests: ['test/model/kind.test.ts', 'test/spec/users/preferences-and-flags.test.ts'],
  },
  {
    name: 'a filter finds nothing for a text that no record can have',
    file: 'src/model/kinds/text.ts',
    find: '(values as readonly string[]).includes(text) ? { exact: text } : undefined',
    replace: 'readText(text)',
    tests: ['test/model/kind.test.ts'],
  },
  {
    name: 'an id that is a number in documents is a string',
    file: 'src/model/kinds/number.ts',
    find: 'write: String,',
    replace: '',
    tests: ['test/model/kind.test.ts', 'test/spec/people/reading.test.ts'],
  },
  {
    name: 'NUL is stored',
    file: 'src/model/text.ts',
    find: "return !text.includes('\\0') && text.isWellFormed();",
    replace: 'return text.isWellFormed();',
    tests: ['test/model/text.test.ts'],
  },
  {
    name: 'a lone surrogate is stored',
    file: 'src/model/text.ts',
    find: "return !text.includes('\\0') && text.isWellFormed();",
    replace: "return !text.includes('\\0');",
    tests: ['test/model/text.test.ts', 'test/spec/users/worst-texts.test.ts'],
  },
];
