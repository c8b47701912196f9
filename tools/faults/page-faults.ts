// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in the pages behind the links of mails.

import type { Fault } from '../faults.ts';

const served = ['test/spec/pages/pages.test.ts'];
const opened = ['test/spec/pages/pages-in-browser.test.ts'];

export const pageFaults: readonly Fault[] = [
  {
    name: 'a page may run scripts that stand in it',
    file: 'src/http/pages/page-endpoints.ts',
    find: `"script-src 'self'",`,
    replace: `"script-src 'self' 'unsafe-inline'",`,
    tests: served,
  },
  {
    name: 'a logo that is an SVG runs scripts where it is opened by itself',
    file: 'src/http/pages/page-endpoints.ts',
    find: "mediaType.startsWith('image/') ? imagePolicy : contentSecurityPolicy",
    replace: 'contentSecurityPolicy',
    tests: served,
  },
  {
    name: 'the name of the operator has tags in pages',
    file: 'src/http/pages/html.ts',
    find: "if (typeof value === 'string') return escapedHtml(value);",
    replace: "if (typeof value === 'string') return value;",
    tests: served,
  },
  {
    name: 'the name of the operator ends the texts of the script',
    file: 'src/http/pages/render-page.ts',
    find: String.raw`.replaceAll('<', '\\u003c')`,
    replace: '',
    tests: served,
  },
  {
    name: 'a page is in a language that the browser excludes',
    file: 'src/http/pages/page-locale.ts',
    find: '.filter(({ weight }) => weight > 0)',
    replace: '',
    tests: served,
  },
  {
    name: 'a page with a slash at the end of its address has no script',
    file: 'src/http/pages/page-endpoints.ts',
    find: "path.endsWith('/') ? '../' : './'",
    replace: "path.endsWith('//') ? '../' : './'",
    tests: served,
  },
  {
    name: 'a logo may have any size',
    file: 'src/read-brand.ts',
    find: 'size > maxLogoBytes',
    replace: 'size > Infinity',
    tests: served,
  },
  {
    name: 'the token of a link stays in the address bar',
    file: 'src/http/pages/browser/page.js',
    find: "'', location.pathname + location.search);",
    replace: "'', location.href);",
    tests: opened,
  },
  {
    name: 'a page that is loaded again has lost the token of its link',
    file: 'src/http/pages/browser/page.js',
    find: 'history.replaceState({ token: inAddress },',
    replace: 'history.replaceState(null,',
    tests: opened,
  },
  {
    name: 'a page in another language has lost the token of its link',
    file: 'src/http/pages/browser/page.js',
    find: 'location.assign(`${link.href}#${token}`)',
    replace: 'location.assign(link.href)',
    tests: opened,
  },
  {
    name: 'a page calls the API above the path of the reverse proxy',
    file: 'src/http/pages/browser/api.js',
    find: "new URL('../api/v2/', import.meta.url)",
    replace: "new URL('/api/v2/', import.meta.url)",
    tests: opened,
  },
  {
    name: 'a page without JavaScript shows views that do nothing',
    file: 'src/http/pages/browser/style.css',
    find: '@media (scripting: none) {',
    replace: '@media (scripting: initial-only) {',
    tests: opened,
  },
  {
    name: 'the token of a link that has been used stays in the tab',
    file: 'src/http/pages/browser/page.js',
    find: "  history.replaceState(null, '');\n",
    replace: '',
    tests: ['test/spec/pages/reset-page.test.ts'],
  },
  {
    name: 'an error of a field is not read together with it',
    file: 'src/http/pages/page-parts.ts',
    find: 'const described = hint === undefined ? `${id}-error` : `${id}-hint ${id}-error`;',
    replace: 'const described = hint === undefined ? `${id}-error` : `${id}-hint`;',
    tests: ['test/spec/pages/reset-page.test.ts'],
  },
  {
    name: 'whoever accepts an invitation by a password stays signed in',
    file: 'src/http/pages/browser/accept.js',
    find: "    await call('DELETE', ['sessions', 'current'], undefined, authToken);\n",
    replace: '',
    tests: ['test/spec/pages/invitation-pages.test.ts'],
  },
  {
    name: 'a new address is confirmed when the page opens',
    file: 'src/http/pages/browser/confirm.js',
    find: '  const { email } = found.data.attributes;\n',
    replace: "  const { email } = found.data.attributes;\n  await call('PATCH', path);\n",
    tests: ['test/spec/pages/email-pages.test.ts'],
  },
];
