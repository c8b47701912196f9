// What a failure to send a mail means: whether it concerns one mail or all, and whether sending again can help.

/** The attributes of an error of nodemailer that matter here. */
export interface SmtpError {
  readonly message: string;
  readonly code?: string | undefined;
  /** The code of the system or of TLS below it. */
  readonly originalCode?: unknown;
  /** The time limit that has passed, such as SOCKET_TIMEOUT: that of an answer. */
  readonly timeoutType?: string | undefined;
  /** The command that failed: CONN, EHLO, STARTTLS, AUTH …, MAIL FROM, RCPT TO, DATA, or API before anything was sent. */
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
  /** The whole answer of the server. */
  readonly response?: string | undefined;
}

/**
 * - `deferred`: the server does not take this mail now. Others may pass.
 * - `refused`: the server will never take this mail.
 * - `unreachable`: no mail can be sent now.
 * - `misconfigured`: no mail can be sent until the operator changes something.
 */
export type SmtpFailure = 'deferred' | 'refused' | 'unreachable' | 'misconfigured';

const certificateCodes = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

/** The first bytes of the server are no TLS. */
const noTls = 'ERR_SSL_WRONG_VERSION_NUMBER';

export function failureOf(error: SmtpError): SmtpFailure {
  const { code, command, responseCode } = error;
  if (responseCode !== undefined) return failureOfAnswer(error, responseCode);
  // One slow recipient is no reason to stop sending to others.
  if (code === 'EABORT' || error.timeoutType === 'SOCKET_TIMEOUT') return 'deferred';
  const below = String(error.originalCode);
  if (code === 'EAUTH' || code === 'ETLS' || below === noTls || certificateCodes.test(below))
    return 'misconfigured';
  // Nodemailer found that this mail cannot be sent, for example because it is larger than the server allows.
  if (code === 'EENVELOPE' || code === 'EMESSAGE' || command === 'API') return 'refused';
  return 'unreachable';
}

/** RFC 5321 section 4.2.1: 4yz is worth another attempt, 5yz is not. 421 ends the session. */
function failureOfAnswer(error: SmtpError, answer: number): SmtpFailure {
  if (answer === 421) return 'unreachable';
  const isPermanent = answer >= 500 && answer !== 503;
  if (error.command !== 'RCPT TO' && error.command !== 'DATA')
    return isPermanent ? 'misconfigured' : 'unreachable';
  return isPermanent && !isPolicy(error) ? 'refused' : 'deferred';
}

/**
 * RFC 3463 section 3.8: the server does not relay for us, or distrusts the sender. The operator can mend that, so the
 * mail is not lost. 530: it wants a login.
 */
function isPolicy({ responseCode, response = '' }: SmtpError): boolean {
  return responseCode === 530 || /^\d{3}[ -]5\.7\.\d/.test(response);
}

/** What the operator reads about a failure: the answer of the server to which command, or the error of the connection. */
export function answerOf({ command = 'CONN', response, message, originalCode }: SmtpError): string {
  if (originalCode === noTls) return 'the server does not begin with TLS at this port, starttls may be right';
  const text = (response ?? message).replaceAll(/\s+/g, ' ').trim();
  return command === 'CONN' ? text : `${command}: ${text}`;
}

/**
 * What the log says about a failure. It never contains an address, a link or a secret. Servers repeat the recipient, and
 * filters repeat links of the mail: of answers to RCPT TO and DATA only the codes are kept.
 * @param secrets texts that an answer of the server may repeat
 */
export function reasonOf(error: SmtpError, secrets: readonly string[] = []): string {
  const { command = 'CONN', code = 'error', response } = error;
  if (command === 'RCPT TO' || command === 'DATA') {
    const [codes] = /^\d{3}([ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response ?? '') ?? [code];
    return `${command} ${codes}`;
  }
  if (command === 'API') return code;
  const text = error.originalCode === noTls ? answerOf(error) : (response ?? error.message);
  return `${command} ${withoutSecrets(text, secrets)}`;
}

/** Without addresses and links, in one line. */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  const bare = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
  return bare
    .replaceAll(/\S*@\S*|https?:\S*/g, '…')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
}
