// A real SMTP server for tests. It answers each command as a test says: it accepts, refuses, hangs or drops the connection.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type Stage = 'connect' | 'login' | 'sender' | 'recipient' | 'data';

/** An answer such as `550 5.1.1 No such user`. Undefined accepts. */
export type Reply = string | 'hang' | 'drop' | undefined;

export interface ReceivedMail extends ParsedMail {
  /** The recipient of the envelope. */
  readonly recipient: string;
  /** The address in the header To. */
  readonly toHeader: string;
  readonly raw: string;
}

export interface TestSmtpServer {
  readonly port: number;
  /** Decides about each command. For `data`, the whole mail has arrived. May be replaced at any time. */
  reply: (stage: Stage, recipient: string) => Reply;
  /** Every mail that was accepted, in the order of arrival. */
  readonly mails: readonly ReceivedMail[];
  /** Every command that was decided about: `recipient ann@email.com`. */
  readonly decided: readonly string[];
  /** Resolves when this many mails in all were accepted. */
  received(count: number): Promise<void>;
  /** Resolves when this command was decided about, as in `decided`, this many times in all. */
  asked(command: string, count?: number): Promise<void>;
  /** For each login and sender, whether the connection was encrypted. */
  readonly encrypted: readonly boolean[];
  /** Accepts every command that hangs. */
  release(): void;
  /** Writes this to every open connection. */
  write(text: string): void;
  /** Closes the port and all connections. */
  stop(): Promise<void>;
  /** Listens on the same port again. */
  start(): Promise<void>;
}

export interface SmtpServerOptions {
  /** Files of a certificate. Without, the server offers no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** TLS from the first byte. */
  readonly implicit?: boolean;
  /** Logins that it accepts. Without, it wants none. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** Starts a server on a free port of 127.0.0.1. It is stopped when the test ends. */
export async function startSmtpServer(
  t: TestContext,
  { tls, implicit = false, login }: SmtpServerOptions = {},
): Promise<TestSmtpServer> {
  const mails: ReceivedMail[] = [];
  const decided: string[] = [];
  const encrypted: boolean[] = [];
  const hanging: (() => void)[] = [];
  const sockets = new Map<string, Socket>();
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const until = async (isDone: () => boolean) => {
    while (!isDone()) await new Promise<void>((resolve) => void waiting.push(resolve));
  };

  /** Calls back as the test says, or never. */
  function decide(
    stage: Stage,
    about: string,
    session: { id: string; secure: boolean },
    accept: () => void,
    refuse: (error: Error) => void,
  ) {
    decided.push(about === '' ? stage : `${stage} ${about}`);
    if (stage === 'login' || stage === 'sender') encrypted.push(session.secure);
    const reply = tested.reply(stage, about);
    wake();
    if (reply === undefined) accept();
    else if (reply === 'drop') socketOf(session)?.destroy();
    else if (reply === 'hang') hanging.push(accept);
    else {
      const [, code, text] = /^(\d{3}) (.*)$/.exec(reply)!;
      refuse(Object.assign(new Error(text), { responseCode: Number(code) }));
    }
  }
  const socketOf = ({ id }: { id: string }) => sockets.get(id);

  function create(): SMTPServer {
    const certificate = tls && { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
    const server: SMTPServer = new SMTPServer({
      ...certificate,
      secure: implicit,
      authOptional: login === undefined,
      allowInsecureAuth: true,
      disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
      disableReverseLookup: true,
      closeTimeout: 1,
      onConnect(session, callback) {
        for (const connection of server.connections as Set<{ id: string; _socket: Socket }>)
          sockets.set(connection.id, connection._socket);
        decide('connect', '', session, callback, callback);
      },
      onAuth({ username, password }, session, callback) {
        const isRight = username === login?.user && password === login?.password;
        const wrong = Object.assign(new Error('5.7.8 Bad credentials'), { responseCode: 535 });
        const accept = () => callback(isRight ? null : wrong, isRight ? { user: username } : undefined);
        decide('login', String(username), session, accept, callback);
      },
      onMailFrom: ({ address }, session, callback) => decide('sender', address, session, callback, callback),
      onRcptTo: ({ address }, session, callback) => decide('recipient', address, session, callback, callback),
      onData(stream, session, callback) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
        stream.on('end', async () => {
          const raw = Buffer.concat(chunks);
          const parsed = await simpleParser(raw);
          const recipient = session.envelope.rcptTo.map(({ address }) => address).join();
          const accept = () => {
            mails.push({
              ...parsed,
              recipient,
              toHeader: (parsed.to as AddressObject).text,
              raw: raw.toString(),
            });
            callback(null, `Accepted as ${mails.length}`);
            wake();
          };
          decide('data', recipient, session, accept, callback);
        });
      },
      onClose: ({ id }) => void sockets.delete(id),
    });
    // A client that breaks off is no failure of the server.
    server.on('error', () => {});
    return server;
  }

  let server: SMTPServer;
  let port = 0;
  async function start(): Promise<void> {
    server = create();
    const listening = server.listen(port, '127.0.0.1');
    await once(listening, 'listening');
    port = (listening.address() as AddressInfo).port;
  }
  async function stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(resolve));
    for (const socket of sockets.values()) socket.destroy();
    sockets.clear();
    await closed;
  }
  const tested: TestSmtpServer = {
    get port() {
      return port;
    },
    reply: () => undefined,
    mails,
    decided,
    received: (count) => until(() => mails.length >= count),
    asked: (command, count = 1) => until(() => decided.filter((one) => one === command).length >= count),
    encrypted,
    release() {
      for (const accept of hanging.splice(0)) accept();
    },
    write(text) {
      for (const socket of sockets.values()) socket.write(text);
    },
    stop,
    start,
  };
  await start();
  t.after(stop);
  return tested;
}
