// The pages behind the links of mails, as the server sends them. pages-in-browser.test.ts opens them.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { translate } from '../../../src/delivery/texts/translate.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { details as textsOfDetails } from '../../../src/http/pages/page-texts.ts';
import { email } from '../../../src/model/kinds/email.ts';
import { personName } from '../../../src/model/kinds/name.ts';
import { pageNames } from '../../../src/model/link.ts';
import { passwordViolation } from '../../../src/security/password-policy.ts';
import { engines, temporaryFolder } from '../../support/engines.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

const engine = engines[0]!;

/** Of an address that another account has, and of a service without a secret for links. */
const otherDetails = ['has already been taken', 'This service sends no mails'];

interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function get(
  { url }: TestApp,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Page> {
  const response = await fetch(url + path, { method, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The files that a page refers to. */
function filesOf(html: string): string[] {
  return [...html.matchAll(/ (?:src|href)="(\.[^"]+)"/g)].map(([, address]) => address!);
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

test('every page may load only from this server, keeps its address to itself, and sets no cookie', async (t) => {
  const app = await startApp(t, engine);
  for (const name of pageNames) {
    const page = await get(app, `/account/${name}`);
    assert.equal(page.status, 200);
    const expected: Record<string, string | null> = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      'set-cookie': null,
    };
    for (const [header, value] of Object.entries(expected))
      assert.equal(page.headers.get(header), value, `${name} ${header}`);
    // No inline script, style or handler, which the policy forbids, and no address of another host.
    assert.doesNotMatch(page.text, /<style|\sstyle=|\son\w+=|javascript:|https?:/);
    assert.doesNotMatch(page.text, /<script(?! type="application\/json"| type="module" src=)/);
    for (const file of [...filesOf(page.text), './page.js', './api.js'].filter((one) =>
      one.includes('.', 1),
    )) {
      const asset = await get(app, new URL(file, `http://host/account/${name}`).pathname);
      assert.equal(asset.status, 200, file);
      assert.ok(asset.headers.get('content-security-policy')!.startsWith("default-src 'none'"), file);
      assert.equal(asset.headers.get('x-content-type-options'), 'nosniff');
    }
  }
});

test('a page is read with HEAD and GET, describes its methods, and is sent once as long as it stays the same', async (t) => {
  const app = await startApp(t, engine);
  for (const path of ['/account/reset', '/account/reset.js', '/account/style.css', '/account/icon.svg']) {
    const page = await get(app, path);
    const etag = page.headers.get('etag')!;
    const known = await get(app, path, { 'If-None-Match': etag });
    assert.deepEqual([known.status, known.text, known.headers.get('etag')], [304, '', etag]);
    const head = await get(app, path, {}, 'HEAD');
    for (const header of ['content-length', 'content-type', 'etag', 'content-security-policy'])
      assert.equal(head.headers.get(header), page.headers.get(header), `${path} ${header}`);
    const options = await get(app, path, {}, 'OPTIONS');
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'HEAD, GET, OPTIONS']);
    const post = await get(app, path, {}, 'POST');
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'HEAD, GET, OPTIONS']);
    // A person reads what a browser shows of this answer.
    const long = await get(app, `${path}?${'x'.repeat(9000)}`);
    assert.deepEqual(
      [long.status, long.headers.get('content-type'), long.text],
      [414, 'text/plain; charset=utf-8', 'The URL is too long\n'],
    );
  }
  assert.equal((await get(app, '/account/other')).status, 404);
  assert.equal((await get(app, '/account/..%2fpages.ts')).status, 404);
});

test('a page is in the language of its link, else in one that the browser prefers, else in English', async (t) => {
  const app = await startApp(t, engine);
  const cases: readonly (readonly [query: string, accepted: string | undefined, language: string])[] = [
    ['?lang=de', 'hr', 'de'],
    ['?lang=hr_HR', 'de', 'hr'],
    ['?lang=fr', 'de', 'de'],
    ['?lang=', undefined, 'en'],
    ['', 'fr-FR, hr-HR;q=0.8, de;q=0.7', 'hr'],
    ['', 'fr, de;q=0.2, hr;q=0.9', 'hr'],
    ['', 'de;q=0', 'en'],
    ['', 'fr, *;q=0.1', 'en'],
    ['', ';;,q=,=', 'en'],
    ['?lang=%zz&lang=de', undefined, 'en'],
  ];
  for (const [query, accepted, language] of cases) {
    const headers: Record<string, string> = accepted === undefined ? {} : { 'Accept-Language': accepted };
    const page = await get(app, `/account/confirm${query}`, headers);
    assert.equal(/<html lang="(\w+)">/.exec(page.text)?.[1], language, `${query} ${accepted}`);
    assert.match(page.headers.get('vary')!, /Accept-Language/);
    const title = translate(language as 'en', 'page.confirm.title');
    assert.ok(page.text.includes(`<title>${title} – Muster</title>`));
    const noScript = translate(language as 'en', 'page.no_script.title');
    assert.match(page.text, new RegExp(`<noscript>\\s*<h1>${noScript}</h1>`));
  }
});

test('a page with a slash at the end of its address finds its files', async (t) => {
  const app = await startApp(t, engine);
  const page = await get(app, '/account/reset/');
  for (const file of filesOf(page.text)) {
    const { pathname } = new URL(file, 'http://host/account/reset/');
    assert.equal((await get(app, pathname)).status, 200, file);
  }
});

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function logoFile(t: TestContext, content: string | Buffer): Promise<string> {
  const file = join(await temporaryFolder(t), 'logo');
  writeFileSync(file, content);
  return file;
}

test('pages show the name, the color and the logo of the operator, and lead to the app', async (t) => {
  const app = await startApp(t, engine, {
    brandName: `A & <b>"B"'s</b>`,
    brandColor: '#FC0',
    brandLogo: await logoFile(t, png),
    brandUrl: 'https://app.example.com/?a=1&b="2"',
  });
  const page = await get(app, '/account/reset');
  const name = 'A &#38; &#60;b&#62;&#34;B&#34;&#39;s&#60;/b&#62;';
  assert.ok(page.text.includes(`<img src="./logo" alt="${name}">`));
  assert.ok(page.text.includes(`– ${name}</title>`));
  assert.ok(page.text.includes('href="https://app.example.com/?a=1&#38;b=&#34;2&#34;"'));
  const script = /<script type="application\/json" id="texts">(.*?)<\/script>/.exec(page.text)![1]!;
  assert.equal(JSON.parse(script).brand, `A & <b>"B"'s</b>`);
  assert.doesNotMatch(script, /</);
  // Black is easier to read on yellow.
  assert.match((await get(app, '/account/style.css')).text, /--brand: #ffcc00; --on-brand: #000000;/);
  assert.match((await get(app, '/account/icon.svg')).text, /fill="#ffcc00"/);
  const logo = await fetch(`${app.url}/account/logo`);
  assert.equal(logo.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await logo.arrayBuffer()), png);
});

test('a logo that is an SVG cannot run scripts where it is opened by itself', async (t) => {
  const svg =
    '<?xml version="1.0"?>\n<!-- by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>';
  const app = await startApp(t, engine, { brandLogo: await logoFile(t, svg) });
  const logo = await get(app, '/account/logo');
  assert.equal(logo.headers.get('content-type'), 'image/svg+xml');
  assert.equal(
    logo.headers.get('content-security-policy'),
    "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  );
});

test('a logo that is too large or neither PNG nor SVG stops the start', async (t) => {
  const large = Buffer.concat([png, Buffer.alloc(256 * 1024)]);
  for (const [content, problem] of [
    [large, /^--brand-logo must be a file of at most 256 KiB, it is "/],
    ['<html><svg></svg></html>', /^--brand-logo must be a PNG or an SVG, it is "/],
  ] as const) {
    const brandLogo = await logoFile(t, content);
    await assert.rejects(startApp(t, engine, { brandLogo }), { message: problem });
  }
});

test('requests of pages are in the log without their query, and in the metrics by their route', async (t) => {
  const metrics = createMetrics();
  const app = await startApp(t, engine, { metricsToken: 'a token for metrics' }, { metrics });
  await get(app, '/account/accept?lang=de&token=a-secret-in-the-wrong-place');
  await get(app, '/account/accept.js');
  assert.deepEqual(
    app.log.filter(({ msg }) => msg === 'request').map(({ path, status }) => [path, status]),
    [
      ['/account/accept', 200],
      ['/account/accept.js', 200],
    ],
  );
  const text = await metrics.registry.metrics();
  for (const route of ['/account/accept', '/account/accept.js'])
    assert.ok(text.includes(`{method="GET",route="${route}",status="200"} 1`), route);
});

test('every rule for a name, an address and a password is told in the language of the page', async () => {
  const policy = { minPasswordLength: 10, breached: { include: async () => true } } as never;
  const account = { email: 'ann.lee@example.com', first_name: 'Annabelle1', last_name: 'Leonardson' };
  const passwords = [
    '',
    'x',
    'x'.repeat(2000),
    '\0'.repeat(10),
    'ann.lee@example.com',
    'ann.lee.ann.lee',
    'Annabelle1',
  ];
  const others = ['mustermuster', 'users.example.com', 'password1234', 'a long one that is known'];
  const details: (string | undefined)[] = [];
  for (const password of [...passwords, ...others])
    details.push(await passwordViolation(password, account, policy, 'https://users.example.com'));
  for (const [kind, values] of [
    [personName, ['', 'x'.repeat(300), 'a\u0007b']],
    [email, ['', 'nobody']],
  ] as const)
    for (const value of values) {
      const checked = kind.check(value, {} as never);
      details.push(...('violations' in checked ? checked.violations : assert.fail(value)));
    }
  const told = details.map((detail) => detail?.replaceAll(/\d+/g, '{number}') ?? assert.fail('accepted'));
  assert.deepEqual(
    told.filter((detail) => textsOfDetails[detail] === undefined),
    [],
  );
  assert.deepEqual(
    Object.keys(textsOfDetails).filter((detail) => ![...told, ...otherDetails].includes(detail)),
    [],
  );
});
