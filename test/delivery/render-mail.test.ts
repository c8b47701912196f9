// Mails as their recipients get them: written, packed by nodemailer, and read by mailparser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { type MailToRender, type RenderedMail, renderMail } from '../../src/delivery/render-mail.ts';
import { type Brand, textColorOn } from '../../src/model/brand.ts';
import type { LinkPurpose } from '../../src/model/link.ts';
import { linkOfMail, type MailContent, type MailData, type MailKind } from '../../src/model/mail.ts';
import { type MailLocale, mailLocales } from '../../src/model/mail-locale.ts';

const at = Date.UTC(2026, 10, 27, 13, 5);
const token = 'kJ3v8Qm2x5Zt7Yb9Wc1Nd4Rf6Hg0Ls_ApUeOiVrT-E';
const brand: Brand = { name: 'Muster', color: '#1d4ed8', logo: null, url: null };
const settings = { publicUrl: 'https://users.example.com', brand, timeZone: 'Europe/Zagreb' };
const address = 'ann@example.com';

type Names = { readonly [K in MailKind]: readonly MailData[K][] };

/** Mails of each kind, with this text wherever one comes from people. */
function contents(text: string): readonly MailContent[] {
  const data: Names = {
    password_reset: [{ first_password: false }, { first_password: true }],
    password_changed: [
      { api_tokens: 2, by: 'account' },
      { api_tokens: 0, by: 'reset' },
      { api_tokens: 0, by: 'sysadmin' },
    ],
    email_confirmation: [{ email: 'new@example.org' }],
    email_changed: [{ email: 'new@example.org' }],
    email_restored: [{}],
    new_device: [{ device: text, platform: text, browser: text, ip: '192.0.2.7', at, time_zone: null }],
    invitation: [{ organization: text, inviter: text, role: 'member' }],
    invitation_accepted: [{ organization: text, name: text, email: 'new@example.org' }],
    test: [{}],
  };
  return Object.entries(data).flatMap(([kind, list]) => list.map((data) => ({ kind, data }) as MailContent));
}

function contentOf(kind: MailKind, text: string): MailContent {
  return contents(text).find((content) => content.kind === kind)!;
}

function render(content: MailContent, locale: MailLocale, toName: string | null): RenderedMail {
  const purpose = (linkOfMail as Partial<Record<MailKind, LinkPurpose>>)[content.kind];
  const link = purpose === undefined ? null : { purpose, expiresAt: at };
  const mail: MailToRender = { ...content, toAddress: address, toName, locale, link };
  return renderMail(mail, link === null ? null : token, settings);
}

/** What arrives at the recipient. */
async function received({ to, subject, text, html }: RenderedMail): Promise<ParsedMail> {
  const { message } = await createTransport({ streamTransport: true, buffer: true }).sendMail({
    ...{ from: { name: 'Muster', address: 'muster@example.com' }, to, subject, text, html },
    ...{ attachDataUrls: true, disableFileAccess: true, disableUrlAccess: true },
  });
  return simpleParser(message as Buffer);
}

/** What a mail program makes links of, in a text of which it was given no HTML. */
async function linkified(text: string): Promise<readonly string[]> {
  const { textAsHtml } = await simpleParser(`Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`);
  return linksIn(textAsHtml!);
}

function linksIn(html: string): readonly string[] {
  return [...html.matchAll(/<a\b[^>]* href="([^"]*)"/g)].map(([, url]) => unescaped(url!));
}

function unescaped(html: string): string {
  return html
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('&amp;', '&');
}

function visible(html: string): string {
  return unescaped(html.replace(/<style>[\s\S]*<\/style>/, '').replaceAll(/<[^>]*>/g, '\n'));
}

test('every kind of mail is whole in every language', () => {
  const texts = new Set<string>();
  for (const content of contents('Acme'))
    for (const locale of mailLocales) {
      const { subject, text, html } = render(content, locale, 'Ann Lee');
      assert.doesNotMatch(subject + text, /[{}]|undefined|null|NaN/);
      assert.match(html, new RegExp(`^<!doctype html>\n<html lang="${locale}" dir="ltr">`));
      assert.ok(visible(html).includes(subject), 'the title');
      texts.add(text);
    }
  assert.equal(texts.size, contents('').length * mailLocales.length, 'no two say the same');
});

test('a text and its HTML say the same', () => {
  for (const content of contents('Acme'))
    for (const locale of mailLocales) {
      const { text, html } = render(content, locale, 'Ann Lee');
      const words = (part: string) => new Set(part.match(/[\p{L}\p{N}.:/#?=_@-]{2,}/gu));
      const shown = words(visible(html));
      const lines = text.split('\n').filter((line) => line !== '-- ');
      for (const word of words(lines.map((line) => line.replace(/(?<=\S):( |$)/, ' ')).join('\n')))
        assert.ok(shown.has(word) || shown.has(`${word}:`), `${content.kind} ${locale}: ${word}`);
    }
});

test('a link is on a line of its own, and a button and a text in the HTML', async () => {
  const url = `https://users.example.com/account/accept?lang=hr#${token}`;
  const content: MailContent = {
    kind: 'invitation',
    data: { organization: 'Acme', inviter: 'Ann', role: 'admin' },
  };
  const mail = render(content, 'hr', null);
  assert.ok(mail.text.split('\n').includes(url));
  const parsed = await received(mail);
  assert.ok(parsed.text!.split('\n').includes(url));
  assert.deepEqual(
    linksIn(parsed.textAsHtml!).filter((link) => !link.startsWith('mailto:')),
    [url],
  );
  assert.deepEqual(linksIn(parsed.html as string), [url, url]);
  assert.ok(visible(parsed.html as string).includes(`\n${url}\n`));
});

test('a notice leads to the page that asks for a new password', () => {
  for (const kind of ['new_device', 'password_changed'] as const) {
    const { text, html } = render(contentOf(kind, ''), 'de', null);
    const url = 'https://users.example.com/account/reset?lang=de';
    assert.ok(text.split('\n').includes(url));
    assert.deepEqual(linksIn(html), [url, url]);
  }
});

test('times are in the language and the time zone, which is named', () => {
  const time = (locale: MailLocale) =>
    /\d+\.? \p{L}+ 2026[^\n]*/u.exec(render(contentOf('new_device', ''), locale, null).text)?.[0];
  assert.equal(time('en'), '27 November 2026 at 14:05 CET');
  assert.equal(time('de'), '27. November 2026 um 14:05 MEZ');
  assert.equal(time('hr'), '27. studenoga 2026. u 14:05 CET');
});

test('whoever has no name is greeted without one', () => {
  for (const name of [null, '', ' \u200b\u202e ', '\u2800'])
    assert.match(render({ kind: 'test', data: {} }, 'de', name).text, /^Guten Tag,\n/, JSON.stringify(name));
});

test('an invitation of nobody in particular names the organization alone', () => {
  const content: MailContent = {
    kind: 'invitation',
    data: { organization: 'Acme', inviter: '\u200b', role: 'owner' },
  };
  assert.match(render(content, 'en', null).text, /^You are invited to Acme on Muster, as an owner\.$/m);
});

test('names are shown as they are, if nothing in them is a link', () => {
  const shown = (name: string) =>
    /^Hello (.*),$/m.exec(render({ kind: 'test', data: {} }, 'en', name).text)?.[1];
  for (const name of [
    'Ann Lee',
    'Željka Đurić-Kovač',
    'Nguyễn Thị Minh Khai',
    '山田 太郎',
    'O’Brien',
    "D'Arcy",
    'Kućni Savjet d. o. o.',
    'Smith & Sons',
    '50 % <off>',
    '{name}',
    'Müller + Partner (Zürich)',
    '❤️ 👩‍👩‍👧‍👦',
    'Team 1.2',
    '27.11.2026',
    'C#',
  ])
    assert.equal(shown(name), name);
  assert.equal(shown('محمد'), '\u2068محمد\u2069', 'isolated, so that it moves nothing beside it');
  assert.equal(shown('می‌خواهم'), '\u2068می‌خواهم\u2069', 'with the joiner that the word needs');
  assert.equal(shown('J.R.R. Tolkien'), 'J. R. R. Tolkien');
  assert.equal(shown('Booking.com'), 'Booking. com');
  assert.equal(shown('Win at https://evil.example.com/x'), 'Win at https: / / evil. example. com/ x');
  assert.equal(shown('Ann\r\nBcc: x@evil.example.com'), 'Ann Bcc: x @ evil. example. com');
  assert.equal(shown('\u202eeel\u202c nnA\u0000\u200b!'), 'eel nnA !');
  assert.equal(shown('1.2.3.4'), '1. 2. 3. 4');
  assert.equal(shown('=?utf-8?B?YQ==?='), '= ?utf-8?B?YQ== ?=');
});

test('a long name is cut between characters', () => {
  const shown = (name: string) =>
    /^Hello (.*),$/m.exec(render({ kind: 'test', data: {} }, 'en', name).text)![1]!;
  assert.equal(shown('x'.repeat(60)), 'x'.repeat(60));
  assert.equal(shown('x'.repeat(61)), `${'x'.repeat(59)}…`);
  assert.equal(shown('👩‍👩‍👧‍👦'.repeat(255)), `${'👩‍👩‍👧‍👦'.repeat(21)}…`);
  assert.ok(shown(`a${'\u0301'.repeat(100_000)}`).length <= 241);
});

/** Texts as attackers and the careless choose them. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          'evil.example.com',
          'win at ',
          'https://',
          'http:',
          '//',
          'www.',
          'mailto:',
          'tel:+1555',
          '@',
          '.',
          'com',
          '/',
          'a',
          ' ',
        ],
        ...[
          '\r\n',
          '\n',
          '\r',
          '\t',
          '\0',
          '\u0085',
          '\u2028',
          '\r\nBcc: b@evil.example.com\r\n',
          '\r\n\r\n',
          '.\r\n',
          '-- \n',
        ],
        ...[
          '<script>alert(1)</script>',
          '<a href="https://evil.example.com">',
          '<img src="data:image/png;base64,AAAA">',
          '<!--',
          '-->',
          '</p>',
        ],
        ...[
          '"',
          "'",
          '&',
          '&lt;',
          '&#60;',
          '<',
          '>',
          '`',
          '\\',
          '=?utf-8?B?YQ==?=',
          ';',
          ',',
          '<b@evil.example.com>',
          'undisclosed:;',
        ],
        ...['{brand}', '{', '}', '{n, plural, other {#}}', "'{'", '#', '<b>'],
        ...[
          '\u202e',
          '\u202d',
          '\u2066',
          '\u2069',
          '\u200f',
          '\u061c',
          '\u200b',
          '\u200d',
          '\ufeff',
          '\u00ad',
          '\u2060',
        ],
        ...[
          '。',
          '．',
          '｡',
          '․',
          '﹒',
          '：',
          '／',
          '＠',
          '\ud800',
          '\udc00',
          'א',
          'ab',
          '192.168.0.1',
          '1.2',
          'xn--p1ai',
          'рф',
          '::1',
          '[::1]',
        ],
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** Addresses that mails show as they are: they have been checked. */
const known = [`mailto:${address}`, 'mailto:new@example.org', 'http://192.0.2.7'];

const strange = (links: readonly string[]) =>
  links.filter((link) => !link.startsWith(`${settings.publicUrl}/account/`) && !known.includes(link));

test('no name puts a header, a tag or a link into a mail', async () => {
  const usualHeaders = [
    ...(await received(render(contentOf('test', ''), 'en', 'Ann'))).headers.keys(),
  ].sort();
  // Rows of facts are left out if they are empty.
  const tagsOf = ({ html }: RenderedMail) =>
    html.match(/<[^>]*>/g)!.filter((tag) => !/^<\/?t[rd]\b/.test(tag));
  const kind = fc.constantFrom<MailKind>('new_device', 'invitation', 'invitation_accepted');
  const check = async (text: string, name: string, kind: MailKind, locale: MailLocale) => {
    const mail = render(contentOf(kind, text), locale, name);
    assert.doesNotMatch(mail.subject + mail.to.name, /[\p{Cc}\u2028\u2029]/u);
    const isolated = mail.text.replaceAll(/\u2068[^\u2066-\u2069]*\u2069/g, '').replaceAll('\n', '');
    assert.doesNotMatch(isolated, /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
    assert.deepEqual(tagsOf(mail), tagsOf(render(contentOf(kind, 'Acme'), locale, 'Ann')));

    const parsed = await received(mail);
    assert.deepEqual([...parsed.headers.keys()].sort(), usualHeaders);
    assert.equal(parsed.subject, mail.subject);
    assert.deepEqual((parsed.to as AddressObject).value, [mail.to]);
    assert.deepEqual(strange(linksIn(parsed.textAsHtml!)), []);
    assert.deepEqual(strange(await linkified(visible(mail.html))), []);
    assert.deepEqual(strange(await linkified(mail.subject)), []);
  };
  const mails = fc.asyncProperty(hostile, hostile, kind, fc.constantFrom(...mailLocales), check);
  await fc.assert(mails, { numRuns: 250 });
});

test('a mail program makes links of what is told from names', async () => {
  const links = await linkified(
    'evil.example.com/x, www.evil.example.com, https://evil.example.com a@evil.example.com',
  );
  assert.equal(links.length, 4);
});

test('a logo is a part of the mail, and a large one or an SVG is replaced by the name', async () => {
  const bytes = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const withLogo = (logo: Brand['logo']) => {
    const mail: MailToRender = {
      kind: 'test',
      data: {},
      toAddress: address,
      toName: null,
      locale: 'en',
      link: null,
    };
    return renderMail(mail, null, { ...settings, brand: { ...brand, name: 'A "B" & <C>', logo } });
  };
  const parsed = await received(withLogo({ mediaType: 'image/png', bytes }));
  assert.deepEqual(
    parsed.attachments.map(({ contentType, content, related }) => ({ contentType, content, related })),
    [{ contentType: 'image/png', content: bytes, related: true }],
  );
  for (const logo of [
    null,
    { mediaType: 'image/svg+xml', bytes },
    { mediaType: 'image/png', bytes: Buffer.alloc(65 * 1024) },
  ] as const) {
    const { html } = withLogo(logo);
    assert.doesNotMatch(html, /<img/);
    assert.match(html, />A &#34;B&#34; &#38; &#60;C&#62;</);
  }
  assert.doesNotMatch(withLogo(null).html, /(src|href|url\()/);
});

test('the text on a button can be read, whatever its color', () => {
  const parts = (color: string) =>
    [1, 3, 5]
      .map((from) => Number.parseInt(color.slice(from, from + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const luminance = (color: string) =>
    parts(color).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index]!, 0);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
      const color = `#${number.toString(16).padStart(6, '0')}`;
      const [light, dark] = [luminance(color), luminance(textColorOn(color))].sort((a, b) => b - a);
      assert.ok((light! + 0.05) / (dark! + 0.05) >= 4.5, color);
    }),
  );
});
