// What each kind of mail says.

import type { MailContent, MailData, MailKind } from '../../model/mail.ts';
import type { TextKey, TextValues } from '../texts/translate.ts';
import type { Fact, MailPart } from './mail-parts.ts';
import { shownText } from './shown-text.ts';

/** What a template has besides the values of the mail. */
export interface Words {
  /** A text of the catalog, which may also use `{brand}`. */
  say(key: TextKey, values?: TextValues): string;
  /** The link of the mail as a button, and until when it works. Nothing if the mail has no link. */
  button(label: TextKey): readonly MailPart[];
  /** The page that asks for a new password, as a button. */
  resetButton(): MailPart;
  /** A time in words. @param timeZone null for that of the service */
  time(at: number, timeZone: string | null): string;
}

interface Composed {
  readonly subject: string;
  readonly parts: readonly MailPart[];
}

type Templates = { readonly [K in MailKind]: (data: MailData[K], words: Words) => Composed };

const templates: Templates = {
  password_reset({ first_password: isFirst }, { say, button }) {
    return isFirst
      ? {
          subject: say('mail.first_password.subject'),
          parts: [
            paragraph(say('mail.first_password.text')),
            ...button('mail.first_password.button'),
            note(say('mail.first_password.ignore')),
          ],
        }
      : {
          subject: say('mail.password_reset.subject'),
          parts: [
            paragraph(say('mail.password_reset.text')),
            ...button('mail.password_reset.button'),
            note(say('mail.password_reset.ignore')),
          ],
        };
  },

  password_changed({ api_tokens, by }, { say, resetButton }) {
    const changes = {
      account: 'mail.password_changed.by_account',
      reset: 'mail.password_changed.by_reset',
      sysadmin: 'mail.password_changed.by_administrator',
      operator: 'mail.password_changed.by_administrator',
    } as const;
    const tokens = api_tokens > 0 ? [paragraph(say('mail.password_changed.api_tokens', { api_tokens }))] : [];
    return {
      subject: say('mail.password_changed.subject'),
      parts: [
        paragraph(say(changes[by])),
        ...tokens,
        paragraph(say('mail.if_it_was_you')),
        paragraph(say('mail.password_changed.if_it_was_not_you')),
        resetButton(),
      ],
    };
  },

  email_confirmation({ email }, { say, button }) {
    return {
      subject: say('mail.email_confirmation.subject'),
      parts: [
        paragraph(say('mail.email_confirmation.text', { email })),
        ...button('mail.email_confirmation.button'),
        note(say('mail.email_confirmation.ignore')),
      ],
    };
  },

  email_changed({ email }, { say, button }) {
    return {
      subject: say('mail.email_changed.subject'),
      parts: [
        paragraph(say('mail.email_changed.text', { email })),
        paragraph(say('mail.if_it_was_you')),
        paragraph(say('mail.email_changed.undo')),
        ...button('mail.email_changed.button'),
      ],
    };
  },

  email_restored(_, { say }) {
    return {
      subject: say('mail.email_restored.subject'),
      parts: [paragraph(say('mail.email_restored.text')), paragraph(say('mail.email_restored.what_to_do'))],
    };
  },

  new_device({ device, platform, browser, ip, at, time_zone }, { say, time, resetButton }) {
    const facts: Fact[] = [
      { name: say('mail.new_device.time'), value: time(at, time_zone) },
      { name: say('mail.new_device.device'), value: shownText(device) },
      { name: say('mail.new_device.platform'), value: shownText(platform) },
      { name: say('mail.new_device.browser'), value: shownText(browser) },
      { name: say('mail.new_device.ip'), value: ip ?? '' },
    ];
    return {
      subject: say('mail.new_device.subject'),
      parts: [
        paragraph(say('mail.new_device.text')),
        { kind: 'facts', facts: facts.filter(({ value }) => value !== '') },
        paragraph(say('mail.if_it_was_you')),
        paragraph(say('mail.new_device.if_it_was_not_you')),
        resetButton(),
      ],
    };
  },

  invitation({ role, ...names }, { say, button }) {
    const organization = shownName(names.organization);
    const inviter = shownText(names.inviter);
    const text =
      inviter === ''
        ? say('mail.invitation.by_nobody', { organization, role })
        : say('mail.invitation.by_person', { inviter, organization, role });
    return {
      subject: say('mail.invitation.subject', { organization }),
      parts: [paragraph(text), ...button('mail.invitation.button'), note(say('mail.invitation.ignore'))],
    };
  },

  invitation_accepted({ email, ...names }, { say }) {
    const organization = shownName(names.organization);
    const name = shownName(names.name);
    return {
      subject: say('mail.invitation_accepted.subject', { name, organization }),
      parts: [paragraph(say('mail.invitation_accepted.text', { name, email, organization }))],
    };
  },

  test(_, { say }) {
    return { subject: say('mail.test.subject'), parts: [paragraph(say('mail.test.text'))] };
  },
};

export function composeMail({ kind, data }: Pick<MailContent, 'kind' | 'data'>, words: Words): Composed {
  const template = templates[kind] as (data: MailData[MailKind], words: Words) => Composed;
  return template(data, words);
}

/** Of a name that a sentence needs. */
function shownName(name: string): string {
  return shownText(name) || '…';
}

function paragraph(text: string): MailPart {
  return { kind: 'paragraph', text };
}

/** Less important than a paragraph. */
function note(text: string): MailPart {
  return { kind: 'note', text };
}
