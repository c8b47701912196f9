// The pages that links in mails open, and what they show. Each has a script of the same name in browser/, which chooses the
// view. A page has no `<form action>` and no value of a request: everything in it is known at the start.

import type { PageName } from '../../model/link.ts';
import { type Html, html } from './html.ts';
import {
  choice,
  currentPassword,
  emailInput,
  form,
  knownEmail,
  link,
  nameInput,
  newPassword,
  type PageWords,
  paragraph,
  slot,
  view,
  wayOn,
} from './page-parts.ts';

interface Page {
  readonly title: string;
  readonly views: readonly Html[];
}

type Pages = { readonly [N in PageName]: (words: PageWords, root: string) => Page };

const email = slot('email');

/** `root` is the address of the folder of the pages, relative to the page. */
export const pages: Pages = {
  reset(words, root) {
    const { say } = words;
    const title = say('page.reset.set.title');
    const button = say('page.reset.button');
    return {
      title,
      views: [
        view(
          'ask',
          say('page.reset.ask.title'),
          paragraph(say('page.reset.ask.text')),
          form(say('page.reset.ask.button'), emailInput('ask', words)),
        ),
        inbox('asked', say('page.reset.asked.text', { email }), words),
        view(
          'set',
          title,
          form(
            button,
            knownEmail('set', words),
            newPassword('set', words),
            choice('end_api_tokens', say('page.reset.end_api_tokens')),
          ),
        ),
        view(
          'first',
          say('page.reset.first.title'),
          form(button, knownEmail('first', words), newPassword('first', words)),
        ),
        done('done', say('page.reset.done.title'), say('page.reset.done.text'), words),
        done('done-first', say('page.reset.done.title'), say('page.reset.done.first_text'), words),
        ended(words, say('page.reset.ended.text'), link(`${root}reset`, say('page.reset.ended.link'))),
      ],
    };
  },

  accept(words, root) {
    const { say } = words;
    const title = say('page.accept.title');
    const button = say('page.accept.button');
    return {
      title,
      views: [
        view(
          'accept',
          title,
          paragraph(say('page.accept.text')),
          form(
            button,
            knownEmail('accept', words),
            nameInput('accept', 'first_name', words),
            nameInput('accept', 'last_name', words),
            newPassword('accept', words),
          ),
        ),
        view(
          'sign-in',
          title,
          paragraph(say('page.accept.sign_in.text')),
          form(button, knownEmail('sign-in', words), currentPassword('sign-in', words)),
          link(`${root}reset`, say('page.accept.sign_in.forgot')),
        ),
        done('done', say('page.accept.done.title'), say('page.accept.done.text', { email }), words),
        done('done-new', say('page.accept.done.title'), say('page.accept.done.new_text', { email }), words),
        ended(words, say('page.accept.ended.text')),
      ],
    };
  },

  confirm(words) {
    const { say } = words;
    const title = say('page.confirm.title');
    return {
      title,
      views: [
        view(
          'confirm',
          title,
          paragraph(say('page.confirm.text', { email })),
          form(say('page.confirm.button')),
        ),
        done('done', say('page.confirm.done.title'), say('page.confirm.done.text', { email }), words),
        ended(words, say('page.confirm.ended.text')),
      ],
    };
  },

  undo(words) {
    const { say } = words;
    const title = say('page.undo.title');
    const text = paragraph(say('page.undo.text', { email }));
    const button = say('page.undo.button');
    return {
      title,
      views: [
        view(
          'undo',
          title,
          text,
          paragraph(say('page.undo.optional_password_text')),
          form(button, knownEmail('keep', words), newPassword('keep', words, true)),
        ),
        view(
          'undo-with-password',
          title,
          text,
          paragraph(say('page.undo.password_text')),
          form(button, knownEmail('undo', words), newPassword('undo', words)),
        ),
        done('done', say('page.undo.done.title'), say('page.undo.done.text', { email }), words),
        ended(words, say('page.undo.ended.text')),
      ],
    };
  },

  join(words) {
    const { say } = words;
    const title = say('page.join.title');
    return {
      title,
      views: [
        view(
          'join',
          title,
          paragraph(say('page.join.text')),
          form(say('page.join.button'), emailInput('join', words)),
        ),
        inbox('done', say('page.join.done.text', { email }), words),
        ended(words, say('page.join.ended.text')),
      ],
    };
  },
};

/** The views that every page has. */
export function commonViews({ say }: PageWords): readonly Html[] {
  return [
    view('incomplete', say('page.incomplete.title'), paragraph(say('page.incomplete.text'))),
    view(
      'failed',
      say('page.failed.title'),
      html`<p data-value="problem"></p>`,
      html`<button class="action" id="reload">${say('page.try_again')}</button>`,
    ),
  ];
}

function done(name: string, title: string, text: string, words: PageWords): Html {
  return view(name, title, paragraph(text), wayOn(words));
}

function inbox(name: string, text: string, { say }: PageWords): Html {
  return view(name, say('page.inbox.title'), paragraph(text), paragraph(say('page.inbox.hint')));
}

function ended({ say }: PageWords, text: string, ...more: readonly Html[]): Html {
  return view('ended', say('page.ended.title'), paragraph(text), ...more);
}
