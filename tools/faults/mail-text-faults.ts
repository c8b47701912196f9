// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in the texts of mails.

import type { Fault } from '../faults.ts';

const tests = ['test/delivery/render-mail.test.ts'];

export const mailTextFaults: readonly Fault[] = [
  {
    name: 'a name with the name of a host is a link in mails',
    file: 'src/delivery/mails/shown-text.ts',
    find: '(found.length > 1 ? found : `${found} `)',
    replace: 'found',
    tests,
  },
  {
    name: 'a name with an address is a link in mails',
    file: 'src/delivery/mails/shown-text.ts',
    find: "    .replaceAll(at, ' $1 ')\n",
    replace: '',
    tests,
  },
  {
    name: 'the subject of a mail has an encoded word that somebody chose',
    file: 'src/delivery/mails/shown-text.ts',
    find: "    .replaceAll(encoded, '= ')",
    replace: '',
    tests,
  },
  {
    name: 'a name has marks of direction in mails',
    file: 'src/delivery/mails/shown-text.ts',
    find: "read.replaceAll(invisible, '')",
    replace: 'read',
    tests,
  },
  {
    name: 'a name from right to left moves what stands beside it',
    file: 'src/delivery/mails/shown-text.ts',
    find: '`\\u2068${short}\\u2069`',
    replace: 'short',
    tests,
  },
  {
    name: 'a name has a line break in mails',
    file: 'src/delivery/mails/shown-text.ts',
    find: ".replaceAll(controls, ' ')",
    replace: '',
    tests,
  },
  {
    name: 'a name has tags in the HTML of mails',
    file: 'src/model/text.ts',
    find: `/[&<>"']/g`,
    replace: `/["']/g`,
    tests,
  },
  {
    name: 'a link has text beside it in the text of a mail',
    file: 'src/delivery/mails/write-text.ts',
    find: '${part.label}:\\n${part.url}',
    replace: '${part.label}: ${part.url}',
    tests,
  },
  {
    name: 'times in mails are in UTC',
    file: 'src/delivery/render-mail.ts',
    find: 'timeZone ?? settings.timeZone',
    replace: "timeZone ?? 'UTC'",
    tests,
  },
  {
    name: 'a logo of any size is sent with each mail',
    file: 'src/delivery/mails/write-html.ts',
    find: ' && logo.bytes.byteLength <= maxLogoBytes',
    replace: '',
    tests,
  },
  {
    name: 'a text in one language lacks a value',
    file: 'src/delivery/texts/hr.ts',
    find: "'{name} sada pripada organizaciji {organization}'",
    replace: "'Netko sada pripada organizaciji {organization}'",
    tests: ['test/delivery/texts.test.ts'],
  },
  {
    name: 'a plural lacks a form of its language',
    file: 'src/delivery/texts/hr.ts',
    find: ' few {# API tokena Vašeg računa i dalje vrijede.}',
    replace: '',
    tests: ['test/delivery/texts.test.ts'],
  },
];
