// What operations need to know about mails.

import type { MailRow } from '../../store/mails.ts';

export interface MailService {
  /**
   * `smtp`: mails are sent. `mailbox`: they are kept in the development mailbox. `off`: no mails are created, because
   * there is no secret for their links.
   */
  readonly mode: 'smtp' | 'mailbox' | 'off';
  /**
   * Of a new mail. A command queues every mail, because it may run without the settings of the service: the service then
   * sends it, or moves it to its mailbox.
   */
  readonly firstState: 'queued' | 'mailbox';
  /**
   * The secret from which the tokens of links are derived; see open-mail.ts. Reading it may read or create a file.
   * @throws FileError if that cannot be done
   */
  readonly linkSecret: string;
  /** Mails in an hour to one mailbox, see count-mail.ts; 0 for no limit. */
  readonly maxPerAddress: number;
  /** Mails in an hour caused from one client network; 0 for no limit. */
  readonly maxPerClient: number;
}

/** The mail as its recipient sees it, with a link that works until it is used or ends. */
export type RenderStoredMail = (mail: MailRow) => Promise<RenderedMail>;

interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
