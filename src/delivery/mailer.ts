// Sends mails through an SMTP server. Nodemailer takes 25 MB of memory, so it is loaded with the first mail.

import { answerOf, failureOf, reasonOf, type SmtpError, type SmtpFailure } from './smtp-failure.ts';

export interface MailServer {
  readonly host: string;
  /** Null for the usual port of `security`. */
  readonly port: number | null;
  /** `starttls` begins without encryption and then requires it, `tls` begins with it. */
  readonly security: 'starttls' | 'tls' | 'none';
  /** Empty if the server wants no login. */
  readonly user: string;
  readonly password: string;
  /** Maximum number of connections, each with one mail at a time. */
  readonly connections: number;
  /** Time limit for each answer of the server. */
  readonly timeoutMs: number;
  readonly from: Mailbox;
}

export interface Mailbox {
  /** May be empty. */
  readonly name: string;
  readonly address: string;
}

export interface OutgoingMail {
  /** In angle brackets. The same for each attempt, so that a mail that arrives twice can be recognised. */
  readonly messageId: string;
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type SendOutcome =
  /** `answer` is what the server said. It may contain addresses. */
  | { readonly outcome: 'sent'; readonly answer: string }
  | {
      readonly outcome: SmtpFailure;
      /** For the log: without addresses and secrets. */
      readonly reason: string;
      /** What the server or the system said, for somebody who may see the address. */
      readonly answer: string;
    };

export interface Mailer {
  /** The longest that `send` takes. */
  readonly limitMs: number;
  /** @param signal closes the connection of this mail, which is then `deferred`. The server may have taken it. */
  send(mail: OutgoingMail, signal?: AbortSignal): Promise<SendOutcome>;
  /** Connects and logs in, and sends nothing. `answer` is empty if it is `sent`. */
  verify(): Promise<SendOutcome>;
  /** Closes all connections, also those that are sending. The next mail opens new ones. */
  close(): void;
}

export const usualPorts = { starttls: 587, tls: 465, none: 25 } as const;

/** A mail may take this many times as long as one answer. A server that sends a byte now and then is no reason to wait. */
const answersOfMail = 3;
const idleMs = 30_000;

export function createMailer(server: MailServer): Mailer {
  let loading: ReturnType<typeof connect> | undefined;
  const transport = () => {
    loading ??= connect(server);
    return loading;
  };
  const limitMs = answersOfMail * server.timeoutMs;

  return {
    limitMs,
    async send({ messageId, to, subject, text, html }, signal) {
      const limits = [AbortSignal.timeout(limitMs), ...(signal === undefined ? [] : [signal])];
      const headers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' };
      // The logo is attached: few programs show an image in a data URL.
      const mail = { messageId, from: server.from, to, subject, text, html, headers, attachDataUrls: true };
      return outcomeOf(server, async () => {
        const { response } = await (await transport()).sendMail({ ...mail, signal: AbortSignal.any(limits) });
        return response;
      });
    },
    verify: () =>
      outcomeOf(server, async () => {
        await (await transport()).verify();
        return '';
      }),
    close() {
      loading?.then((opened) => opened.close({ force: true }));
      loading = undefined;
    },
  };
}

async function outcomeOf(server: MailServer, work: () => Promise<string>): Promise<SendOutcome> {
  try {
    return { outcome: 'sent', answer: await work() };
  } catch (thrown) {
    const error = thrown as SmtpError;
    const reason = reasonOf(error, [server.user, server.password]);
    return { outcome: failureOf(error), reason, answer: answerOf(error) };
  }
}

async function connect({ host, port, security, user, password, connections, timeoutMs }: MailServer) {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    pool: true,
    maxConnections: connections,
    // Only what was never sent is sent over another connection. The rest is for the outbox to decide.
    maxRequeues: 1,
    idleTimeout: idleMs,
    host,
    port: port ?? usualPorts[security],
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    // With a login always log in, also if the server does not offer it: else mails would be sent without.
    ...(user === '' ? {} : { auth: { user, pass: password }, forceAuth: true }),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    // Shorter than that of the socket, so that it passes first: without a greeting, no mail can be sent.
    greetingTimeout: 0.9 * timeoutMs,
    socketTimeout: timeoutMs,
    // Mails contain what people typed. It must never be read as a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
