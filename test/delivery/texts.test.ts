// The texts of mails and pages: every language has all of them, with the same values.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  catalogs,
  compile,
  languageTags,
  type TextKey,
  translate,
} from '../../src/delivery/texts/translate.ts';
import { mailLocale, mailLocales } from '../../src/model/mail-locale.ts';

const keys = Object.keys(catalogs.en) as TextKey[];

interface Element {
  readonly type: number;
  readonly value: unknown;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}

/** What the parser calls literal text and `#`. */
const withoutValue = [0, 7];

/** Names of the values of a message, with the kind of each. */
function valuesIn(elements: readonly Element[]): string[] {
  const found = elements.flatMap(({ type, value, options = {} }) => [
    ...(withoutValue.includes(type) ? [] : [`${String(value)} (${type})`]),
    ...Object.values(options).flatMap((option) => valuesIn(option.value)),
  ]);
  return [...new Set(found)].sort();
}

function parsed(locale: (typeof mailLocales)[number], key: TextKey): readonly Element[] {
  return compile(catalogs[locale][key], languageTags[locale]).getAst() as readonly Element[];
}

/** The choices of each `plural` and `select`. */
function choicesIn(elements: readonly Element[]): string[][] {
  return elements.flatMap(({ options }) =>
    options === undefined
      ? []
      : [Object.keys(options), ...Object.values(options).flatMap(({ value }) => choicesIn(value))],
  );
}

test('every language has every text, with the same values', () => {
  for (const locale of mailLocales) {
    assert.deepEqual(Object.keys(catalogs[locale]), keys, locale);
    for (const key of keys)
      assert.deepEqual(valuesIn(parsed(locale, key)), valuesIn(parsed('en', key)), `${locale} ${key}`);
  }
});

test('every language has all of its plurals, and the same choices', () => {
  for (const locale of mailLocales) {
    const { pluralCategories } = new Intl.PluralRules(languageTags[locale]).resolvedOptions();
    for (const key of keys) {
      const english = choicesIn(parsed('en', key));
      for (const [at, choices] of choicesIn(parsed(locale, key)).entries()) {
        const isPlural = english[at]!.includes('one');
        const expected = isPlural ? pluralCategories : english[at]!;
        assert.deepEqual(
          choices.filter((choice) => !choice.startsWith('=')).sort(),
          [...expected].sort(),
          `${locale} ${key}`,
        );
      }
    }
  }
});

test('no text is left over', () => {
  const source = join(import.meta.dirname, '../../src');
  const code = globSync('**/*.ts', { cwd: source })
    .filter((file) => !/delivery.texts.[a-z]{2}\.ts$/.test(file))
    .map((file) => readFileSync(join(source, file), 'utf8'))
    .join('\n');
  assert.deepEqual(
    keys.filter((key) => !code.includes(`'${key}'`)),
    [],
  );
});

test('texts have typographic quotation marks and no white space at their ends', () => {
  for (const locale of mailLocales)
    for (const key of keys) {
      const text = catalogs[locale][key];
      assert.equal(text, text.trim().normalize('NFC'), `${locale} ${key}`);
      assert.doesNotMatch(text, /['"]| {2}|\.\.\./, `${locale} ${key}`);
    }
});

test('numbers have the plural of the language', () => {
  const first = (locale: (typeof mailLocales)[number], api_tokens: number) =>
    translate(locale, 'mail.password_changed.api_tokens', { api_tokens }).split('.')[0];
  assert.equal(first('en', 1), '1 API token of your account still works');
  assert.equal(first('en', 21), '21 API tokens of your account still work');
  assert.equal(first('de', 1), '1 API-Token Ihres Kontos ist weiterhin gültig');
  assert.equal(first('de', 0), '0 API-Tokens Ihres Kontos sind weiterhin gültig');
  assert.equal(first('hr', 21), '21 API token Vašeg računa i dalje vrijedi');
  assert.equal(first('hr', 3), '3 API tokena Vašeg računa i dalje vrijede');
  assert.equal(first('hr', 12), '12 API tokena Vašeg računa i dalje vrijedi');
});

test('a value is shown as it is, whatever braces, quotes and tags it has', () => {
  const organization = `{inviter} '{' <b>#</b> {n, plural, other {x}} ''`;
  assert.equal(translate('de', 'mail.invitation.subject', { organization }), `Einladung zu ${organization}`);
});

test('a missing value is an error', () => {
  assert.throws(() => translate('en', 'mail.invitation.subject'), /organization/);
});

test('the language of a mail follows from the locale of the account', () => {
  const expected = {
    de_AT: 'de',
    hr_HR: 'hr',
    en_US: 'en',
    fr_FR: 'en',
    de: 'de',
    'hr-BA': 'hr',
    deu_DE: 'en',
  };
  for (const [locale, language] of Object.entries(expected))
    assert.equal(mailLocale(locale), language, locale);
  assert.equal(mailLocale(null), 'en');
});
