// A TCP connection for requests that no HTTP client would send.

import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Everything after the header. */
  readonly text: string;
}

export interface RawConnection {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: string;
  /**
   * Resolves when the received text matches.
   * @throws Error if the connection is closed before
   */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with everything received when the connection is closed. */
  readonly closed: Promise<string>;
}

/** @param url `http://host:port` */
export async function openSocket(t: TestContext, url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    wake();
  });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    // Ignored: if a reset matters, the received text shows it.
    socket.on('error', reject);
  });
  const closed = new Promise<string>((resolve) => {
    socket.once('close', () => {
      resolve(received);
      wake();
    });
  });
  t.after(() => void socket.destroy());
  await connected;
  return {
    socket,
    get received() {
      return received;
    },
    async until(pattern) {
      while (!pattern.test(received)) {
        if (socket.destroyed) throw new Error(`Closed after ${JSON.stringify(received)}`);
        await new Promise<void>((resolve) => void waiting.push(resolve));
      }
      return received;
    },
    closed,
  };
}

/** Sends the bytes and returns everything received until the server closes the connection. */
export async function sendRaw(t: TestContext, url: string, bytes: string | Buffer): Promise<string> {
  const connection = await openSocket(t, url);
  connection.socket.write(bytes);
  return connection.closed;
}

/** Joins the lines of a header with CR LF and adds the empty line after it. */
export function headerText(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Parses the first response in the received text. */
export function readAnswer(received: string): RawAnswer {
  const end = received.indexOf('\r\n\r\n');
  const [statusLine = '', ...fields] = received.slice(0, end === -1 ? undefined : end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (end === -1 || Number.isNaN(status)) throw new Error(`No answer in ${JSON.stringify(received)}`);
  const headers = new Headers();
  for (const field of fields) {
    const colon = field.indexOf(':');
    headers.append(field.slice(0, colon), field.slice(colon + 1).trim());
  }
  return { status, headers, text: Buffer.from(received.slice(end + 4), 'latin1').toString('utf8') };
}
