// What a mail consists of, before it is written as text and as HTML.

export interface MailParts {
  readonly subject: string;
  readonly greeting: string;
  readonly parts: readonly MailPart[];
  /** Who sent it to whom. */
  readonly footer: string;
}

export type MailPart =
  | { readonly kind: 'paragraph' | 'note'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | {
      readonly kind: 'button';
      readonly label: string;
      readonly url: string;
      /** What stands before the URL, for those who see no button. */
      readonly otherwise: string;
    };

export interface Fact {
  readonly name: string;
  readonly value: string;
}
