// HTML as a tagged template, which escapes every text.

import { escapedHtml } from '../../model/text.ts';

/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | Html[])[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(written)));
}

function written(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return escapedHtml(value);
  return value instanceof Html ? value.text : value.map(({ text }) => text).join('');
}
