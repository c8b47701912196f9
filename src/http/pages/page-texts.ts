// What a script needs to speak to a person: the errors of the API in words.

import { type TextKey, type TextValues, translate } from '../../delivery/texts/translate.ts';
import type { ErrorCode } from '../../errors.ts';
import type { MailLocale } from '../../model/mail-locale.ts';

/** A text of the catalog, which may also use `{brand}`. */
export type Say = (key: TextKey, values?: TextValues) => string;

export function sayIn(locale: MailLocale, brandName: string): Say {
  return (key, values = {}) => translate(locale, key, { brand: brandName, ...values });
}

/** By the code of an error. Any other code is told by its status. */
const codes: Partial<Record<ErrorCode, TextKey>> = {
  invalid_credentials: 'page.problem.wrong_password',
  second_factor_required: 'page.problem.second_factor',
  invitation_for_another_account: 'page.problem.other_account',
  access_denied: 'page.problem.not_allowed',
};

/** By the detail of an error, with `{number}` for the number in it. Any other one of a field is `page.rule.not_valid`. */
export const details: Readonly<Record<string, TextKey>> = {
  "can't be blank": 'page.rule.blank',
  'is not an email': 'page.rule.email',
  'is too short (minimum is {number} characters)': 'page.rule.too_short',
  'is too long (maximum is {number} characters)': 'page.rule.too_long',
  'contains characters that are not allowed': 'page.rule.characters',
  'has already been taken': 'page.rule.taken',
  'is a commonly used password': 'page.rule.common',
  'has appeared in a data breach': 'page.rule.breached',
  "can't be your email": 'page.rule.own_email',
  "can't be the part of your email before the @": 'page.rule.own_email',
  "can't be your name": 'page.rule.own_name',
  "can't be the name of this service": 'page.rule.service',
  "can't be the address of this service": 'page.rule.service',
  'This service sends no mails': 'page.problem.no_mails',
};

/** See the type `Texts` in browser/page.js. */
export function scriptTexts(say: Say, brandName: string): object {
  const all = (keys: Readonly<Record<string, TextKey>>, values?: TextValues) =>
    Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, say(key, values)]));
  return {
    brand: brandName,
    codes: all(codes),
    details: all(details, { number: '{number}' }),
    blank: say('page.rule.blank'),
    notValid: say('page.rule.not_valid'),
    offline: say('page.problem.offline'),
    tooMany: say('page.problem.too_many', { when: '{when}' }),
    unavailable: say('page.problem.unavailable'),
    unexpected: say('page.problem.unexpected'),
    show: say('page.show'),
    showPassword: say('page.show_password'),
    hide: say('page.hide'),
    hidePassword: say('page.hide_password'),
  };
}
