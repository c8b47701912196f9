// The parts that pages are made of: views, of which a page shows one at a time, and forms with fields.

import { Html, html } from './html.ts';
import type { Say } from './page-texts.ts';

/** What the pages know besides their texts. */
export interface PageWords {
  readonly say: Say;
  readonly brandName: string;
  /** Where people go on; null if there is no such place. */
  readonly brandUrl: string | null;
  readonly minPasswordLength: number;
}

/** Hidden until a script shows it. @param title the heading */
export function view(name: string, title: string, ...content: readonly Html[]): Html {
  return html`<section data-view="${name}" hidden>
<h1 tabindex="-1">${title}</h1>
${lines(content)}
</section>`;
}

/**
 * A text in which the script fills in a value.
 * @param text with the value's name between these marks, see `slot`
 */
export function paragraph(text: string): Html {
  const parts = text.split(/(\uE000\w+\uE001)/u).map((part) => {
    const name = /^\uE000(\w+)\uE001$/u.exec(part)?.[1];
    return name === undefined ? html`${part}` : html`<strong data-value="${name}"></strong>`;
  });
  return html`<p>${parts}</p>`;
}

/** Stands for a value that the script knows. The characters are for private use, so that no text has them. */
export function slot(name: string): string {
  return `\uE000${name}\uE001`;
}

export function link(href: string, label: string): Html {
  return html`<p class="more"><a href="${href}">${label}</a></p>`;
}

/** @param name of the view; ids of the fields begin with it */
export function form(button: string, ...fields: readonly Html[]): Html {
  return html`<form novalidate>
${lines(fields)}
<p class="error" data-error="" role="alert"></p>
<button class="action">${button}</button>
</form>`;
}

interface Field {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'email' | 'password';
  readonly autocomplete: string;
  readonly isReadOnly?: boolean;
  /** May stay empty. */
  readonly isOptional?: boolean;
  readonly hint?: string;
  /** After the input. */
  readonly button?: Html;
}

/**
 * Its error and its hint are read together with it. There is no `maxlength`: browsers would cut a pasted password without a word.
 */
function field(of: Field): Html {
  const { id, name, label, type, autocomplete, isReadOnly = false, isOptional = false, hint, button } = of;
  const restriction = isReadOnly ? html` readonly` : isOptional ? html`` : html` required`;
  const described = hint === undefined ? `${id}-error` : `${id}-hint ${id}-error`;
  return html`<div class="field">
<label for="${id}">${label}</label>
<div class="input"><input id="${id}" name="${name}" type="${type}" autocomplete="${autocomplete}" aria-describedby="${described}" autocapitalize="${type === 'text' ? 'words' : 'none'}" spellcheck="false"${restriction}>${button ?? ''}</div>
${hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${hint}</p>`}
<p class="error" id="${id}-error" data-error="${name}" aria-live="polite"></p>
</div>`;
}

/** The address of the account, which browsers store together with the password. */
export function knownEmail(view: string, { say }: PageWords): Html {
  return field({ ...emailField(view, say), autocomplete: 'username', isReadOnly: true });
}

export function emailInput(view: string, { say }: PageWords): Html {
  return field(emailField(view, say));
}

function emailField(view: string, say: Say): Field {
  return {
    id: `${view}-email`,
    name: 'email',
    label: say('page.email'),
    type: 'email',
    autocomplete: 'email',
  };
}

const nameFields = {
  first_name: { label: 'page.first_name', autocomplete: 'given-name' },
  last_name: { label: 'page.last_name', autocomplete: 'family-name' },
} as const;

export function nameInput(view: string, name: keyof typeof nameFields, { say }: PageWords): Html {
  const { label, autocomplete } = nameFields[name];
  return field({
    ...{ id: `${view}-${name}`, name, label: say(label), autocomplete },
    type: 'text',
  });
}

/** @param isOptional whether the account keeps its password if this stays empty */
export function newPassword(view: string, { say, minPasswordLength }: PageWords, isOptional = false): Html {
  return password(view, say, {
    label: say('page.new_password'),
    autocomplete: 'new-password',
    hint: say('page.password_hint', { min: minPasswordLength }),
    isOptional,
  });
}

export function currentPassword(view: string, { say }: PageWords): Html {
  return password(view, say, { label: say('page.password'), autocomplete: 'current-password' });
}

function password(
  view: string,
  say: Say,
  given: Pick<Field, 'label' | 'autocomplete' | 'hint' | 'isOptional'>,
): Html {
  const id = `${view}-password`;
  return field({
    ...{ id, name: 'password', type: 'password', ...given },
    button: html`<button type="button" data-shows="${id}" aria-label="${say('page.show_password')}">${say('page.show')}</button>`,
  });
}

export function choice(id: string, label: string): Html {
  return html`<div class="field choice"><input type="checkbox" id="${id}" name="${id}"><label for="${id}">${label}</label></div>`;
}

/** What to do after everything is done. */
export function wayOn({ say, brandUrl }: PageWords): Html {
  return brandUrl === null
    ? html`<p>${say('page.close')}</p>`
    : html`<p><a class="action" href="${brandUrl}">${say('page.continue')}</a></p>`;
}

function lines(parts: readonly Html[]): Html {
  return new Html(parts.map(({ text }) => text).join('\n'));
}
